using System.CommandLine;
using Titer.Plugins;

namespace Titer.Cli.Commands.Plugin;

/// <summary>One verb under <c>titer plugin</c>.</summary>
internal interface IPluginVerb
{
    Command Build();
}

/// <summary>What the verbs say: the result on one line of stdout, problems on stderr.</summary>
internal static class VerbResult
{
    /// <param name="result">Null when refused.</param>
    public static int Say(string? result, IReadOnlyList<PluginProblem> problems)
    {
        foreach (var problem in problems) Console.Error.WriteLine(problem.Severity == ProblemSeverity.Error ? $"{problem}" : $"advice: {problem}");
        if (result is null) return ExitCodes.BadInput;
        Console.Out.WriteLine(result);
        return ExitCodes.Success;
    }
}
