using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>What a run came to.</summary>
/// <param name="Spec">The tournament, with the plugins marked that were set aside on the way.</param>
/// <param name="Results">By phase id, stored ones included.</param>
/// <param name="PutBack">Result files that something other than this run changed, and that were written again.</param>
/// <param name="Faults">What the machine did to phases that have no result for it: each once, with how many phases it cost.</param>
internal sealed record RunOutcome(TournamentSpec Spec, IReadOnlyDictionary<string, PhaseResult> Results, IReadOnlyList<string> PutBack,
    IReadOnlyList<(string Why, int Phases)> Faults);
