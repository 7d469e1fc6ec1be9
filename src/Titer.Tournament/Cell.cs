namespace Titer.Tournament;

/// <summary>One defense met by one try of an attack on one exposure, seed and attack seed: the smallest thing that is scored.</summary>
/// <param name="IsFresh">The winner of a sweep played again, with random streams that it was not chosen by.</param>
public sealed record Cell(Entrant Defense, Entrant Attack, Exposure Exposure, int Seed, string DefendPhaseId, string AttackPhaseId,
    string AssessPhaseId, bool IsFresh = false)
{
    /// <summary>Which of the attacks on the defended model of that seed: 1, 2, ...</summary>
    public int AttackSeed { get; init; } = 1;
}
