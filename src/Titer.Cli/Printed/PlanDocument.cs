using System.Text.Json;
using Titer.Runtime.Configuration;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Cli.Printed;

/// <summary>What <c>plan --json</c> prints.</summary>
/// <param name="Left">Phases that are to be played.</param>
/// <param name="MostMore">Phases that results may call for: winners played again, further tries of searches.</param>
/// <param name="Estimate">Null where nobody asked for it.</param>
internal sealed record PlanDocument(string Name, string Scenario, string ScenarioHash, string HostVersion, string Device, string Results, int Cells,
    int Left, int MostMore, EstimateOfPlan? Estimate, IReadOnlyList<PlannedPhase> Phases)
{
    /// <summary>What phases take of the device; null for the embedded subjects, which fit everywhere.</summary>
    public MemoryOfPlan? Memory { get; init; }

    public static PlanDocument Of(TournamentSpec spec, TournamentPlan plan, IReadOnlySet<string> missing, string results,
        EstimateOfPlan? estimate) => new(
            spec.Name, spec.Scenario, spec.ScenarioHash, spec.HostVersion, spec.Device, results, plan.Cells.Count, missing.Count,
            Again(spec) + Found(spec), estimate,
            [
                .. plan.Phases.Select(p => new PlannedPhase(p.Id, Word(p.Kind), p.Title, p.Defense.Label, p.Attack?.Label, Word(p.Exposure), p.Seed,
                    p.AttackSeed, missing.Contains(p.Id))),
            ]);

    /// <summary>Attack phases that winners of sweeps may be played again in.</summary>
    public static int Again(TournamentSpec spec) =>
        AttackFamily.Of(spec.Attacks).Where(f => f.IsSweep).Sum(f => f.Exposures.Count) * spec.Defenses.Count * spec.Seeds.Count;

    /// <summary>Attack phases that searches may go on with.</summary>
    public static int Found(TournamentSpec spec) =>
        AttackFamily.Of(spec.Attacks).Sum(f => ((f.Search?.Tries ?? 1) - 1) * f.Exposures.Count) * spec.Defenses.Count;

    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <summary>A phase as <c>plan --json</c> prints it.</summary>
/// <param name="IsLeft">It has no result yet, and can be played.</param>
internal sealed record PlannedPhase(string Id, string Kind, string Title, string Defense, string? Attack, string Exposure, int Seed, int AttackSeed,
    bool IsLeft);

/// <summary>What the run would take of this machine, as <c>plan --json</c> prints it.</summary>
/// <param name="Phases">To be played, with those that results may call for.</param>
/// <param name="Lanes">Phases at the same time.</param>
/// <param name="Problems">What does not fit, a line each.</param>
internal sealed record EstimateOfPlan(int Phases, int Lanes, double Seconds, double MemoryMegabytes, double DiskMegabytes, double CalibrationSeconds,
    IReadOnlyList<string> Problems)
{
    public static EstimateOfPlan Of(PlanEstimate estimate, int lanes, TimeSpan calibration, IEnumerable<string> problems) => new(
        estimate.Phases, lanes, Math.Round(estimate.Seconds, 1), Math.Round(estimate.Megabytes), Math.Round(estimate.DiskMegabytes, 1),
        Math.Round(calibration.TotalSeconds, 1), [.. problems]);
}

/// <summary>What phases take of the device by arithmetic, as <c>plan --json</c> prints it: the largest first.</summary>
/// <param name="DeviceMegabytes">Of one device, which <paramref name="Lanes"/> phases share on a CPU; null where nobody can say.</param>
internal sealed record MemoryOfPlan(int Lanes, double? DeviceMegabytes, IReadOnlyList<MemoryOfPhase> Phases, IReadOnlyList<string> Problems)
{
    public static MemoryOfPlan Of(ResolvedTournament tournament, double? declared, int lanes)
    {
        var memory = SubjectMemory.Of(tournament);
        var device = tournament.Spec.Device;
        var megabytes = declared ?? SubjectMemory.DeviceMegabytes(device);
        // A GPU is one lane's unless several lanes have the same.
        var sharing = device == "cuda" ? 1 : lanes;
        return new MemoryOfPlan(lanes, megabytes,
            [.. memory.Lanes.Select(l => new MemoryOfPhase(l.Who, Math.Round(l.Total / 1e6), SubjectMemory.Parts(l)))],
            megabytes is { } all ? [.. memory.Problems(all * 1e6, sharing)] : []);
    }
}

/// <summary>A phase in it.</summary>
internal sealed record MemoryOfPhase(string Who, double Megabytes, string Parts);
