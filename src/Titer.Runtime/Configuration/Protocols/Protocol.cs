namespace Titer.Runtime.Configuration.Protocols;

/// <summary>How a paper or a benchmark attacks, as a tournament.</summary>
/// <param name="Name">As a tournament file names it.</param>
/// <param name="Fixes">What is as published, a line each.</param>
/// <param name="LeavesOut">What is not, a line each.</param>
/// <param name="Tournament">Attacks and budgets; it names no defense and no scenario.</param>
internal sealed record Protocol(string Name, string Cite, IReadOnlyList<string> Fixes, IReadOnlyList<string> LeavesOut, TournamentFile Tournament)
{
    /// <summary>Lines for people.</summary>
    /// <param name="changed">Keys that the tournament file sets otherwise.</param>
    public IEnumerable<string> Describe(IReadOnlyList<string> changed) =>
    [
        $"protocol {Name}: {Cite}",
        .. Fixes.Select(fact => $"  fixed: {fact}"),
        .. LeavesOut.Select(fact => $"  left out: {fact}"),
        .. changed.Count > 0 ? [$"  changed by the tournament file: {string.Join(", ", changed)}"] : Array.Empty<string>(),
    ];
}
