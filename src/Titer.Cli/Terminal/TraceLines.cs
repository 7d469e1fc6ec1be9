using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>Where plugins threw: one block per failed phase that has a stack.</summary>
internal static class TraceLines
{
    /// <summary>Phases that have a stack.</summary>
    public static PhaseResult[] Failed(IReadOnlyDictionary<string, PhaseResult> results) =>
        [.. results.Values.Where(r => r.Trace is not null).OrderBy(r => r.PhaseId, StringComparer.Ordinal)];

    public static IEnumerable<string> Of(IReadOnlyDictionary<string, PhaseResult> results)
    {
        var failed = Failed(results);
        if (failed.Length == 0) yield return "No phase has a stack: nothing that a plugin threw is stored here.";
        foreach (var result in failed)
        {
            yield return $"{result.Kind.ToString().ToLowerInvariant()} {result.Defense}{(result.Attack is null ? "" : $" by {result.Attack}")} seed {
                result.Seed} ({result.PhaseId}): {result.Code} {result.Reason}";
            foreach (var frame in result.Trace!.Split('\n')) yield return "  " + frame;
        }
    }
}
