using System.Text.Json.Serialization;

namespace Titer.Scenarios.Data;

/// <summary>What stands around what a role says. Where a text spells a control token of the tokenizer, that token is meant.</summary>
public sealed record RoleMarks(string Prefix = "", string Suffix = "");

/// <summary>A format of a scenario's own.</summary>
/// <param name="System">Null: it has no system prompt.</param>
/// <param name="Begin">Whether a conversation begins with the tokenizer's begin token, where it has one.</param>
public sealed record ChatMarks(RoleMarks? System, RoleMarks User, RoleMarks Assistant, bool Begin = true);

/// <summary>The chat template of a checkpoint, in Jinja.</summary>
/// <param name="Tokens">Its special tokens by the names that templates know: <c>bos_token</c>, <c>eos_token</c> and so on.</param>
public sealed record TokenizerTemplate(string Text, IReadOnlyDictionary<string, string> Tokens);

/// <summary>How a subject is spoken to.</summary>
public sealed record ChatSettings
{
    public string Name { get; init; } = ChatTemplate.Apothecary;

    public string? SystemPrompt { get; init; }

    /// <summary>Whether the subject is asked to think before it answers; null leaves it to the format.</summary>
    public bool? Thinking { get; init; }

    /// <summary>The marks of a format of the scenario's own.</summary>
    public ChatMarks? Marks { get; init; }

    /// <summary>The checkpoint's template, where it is what writes.</summary>
    public TokenizerTemplate? Template { get; init; }

    /// <summary>For people: where this is from.</summary>
    [JsonIgnore]
    public string Origin { get; init; } = "declared in the scenario";
}
