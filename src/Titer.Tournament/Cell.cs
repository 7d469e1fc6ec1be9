namespace Titer.Tournament;

/// <summary>One defense met by one try of an attack on one exposure and seed: the smallest thing that is scored.</summary>
/// <param name="IsFresh">The winner of a sweep played again, with random streams that it was not chosen by.</param>
public sealed record Cell(Entrant Defense, Entrant Attack, Exposure Exposure, int Seed, string DefendPhaseId, string AttackPhaseId, string AssessPhaseId, bool IsFresh = false);
