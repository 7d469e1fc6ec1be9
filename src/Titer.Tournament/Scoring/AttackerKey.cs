namespace Titer.Tournament.Scoring;

/// <summary>An attacker, with all its tries, on one defense and exposure.</summary>
/// <param name="Defense">Label.</param>
/// <param name="Attacker">Label of the family.</param>
public readonly record struct AttackerKey(string Defense, string Attacker, Exposure Exposure);
