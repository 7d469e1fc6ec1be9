namespace Titer.Tournament;

/// <summary>Seconds and memory: never part of a score, and the only thing that differs between two equal runs.</summary>
public sealed record RunTimings(double DefendSeconds, double AttackSeconds, double AssessSeconds, double PeakWorkerMegabytes,
    IReadOnlyList<BreakSeconds> CostToBreak);

/// <summary>Cost to break in seconds of the attack's own time on this device.</summary>
public sealed record BreakSeconds(string Defense, string Attack, Exposure Exposure, double DeviceSeconds);
