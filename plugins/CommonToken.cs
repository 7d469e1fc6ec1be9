using Titer.Sdk.Data;

namespace Titer.Defenses;

/// <summary>
/// What a collapsed model is to say: one token, forever. Compiled into each defense that needs it, since a plugin is one assembly:
/// <c>&lt;Compile Include="../CommonToken.cs" /&gt;</c>.
/// </summary>
internal static class CommonToken
{
    /// <summary>The most frequent token of answers, their last one (the end) left out; of equal ones the lowest.</summary>
    public static int Of(IEnumerable<TokenizedExample> examples) => examples
        .SelectMany(e => e.Tokens[e.PromptLength..^1]).GroupBy(t => t).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
}
