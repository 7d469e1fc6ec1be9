using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Shows what a run would play, what of it has no result yet and, after a little of it, what that would take of this machine.</summary>
internal sealed class PlanCommand(IAnsiConsole console) : ICliCommand
{
    private readonly TournamentOptions _options = new();
    private readonly SandboxOption _sandbox = new();
    private readonly Option<bool> _left = new("--left") { Description = "List only the phases that have no result yet." };
    private readonly JsonOption _json = new("plan-json");
    private readonly Option<bool> _quick = new("--no-estimate")
    {
        Description = "Show the phases alone: do not play a little of every plugin to estimate time, memory and disk of the run.",
    };

    private readonly Option<int?> _lanes =
        new("--lanes") { Description = "Phases that the run plays at the same time; default as that of 'titer run'." };

    private readonly Option<double?> _megabytes = new("--device-megabytes")
    {
        Description = "Memory of the device that the run will have, for one that is not this machine's; default what this machine has free.",
    };

    public Command Build()
    {
        var command = new Command("plan", "Show the phases that a run would play, what is left of them, and what it would take of this machine.");
        _options.AddTo(command);
        _lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        _megabytes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is <= 0) result.AddError("TITER610 --device-megabytes must be above 0.");
        });
        foreach (var option in new Option[] { _left, _json, _quick, _lanes, _megabytes, _sandbox }) command.Options.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            var tournament = _options.Resolve(parsed);
            TournamentOptions.SayWhatIsLeftOut(tournament);
            var spec = tournament.Spec;
            var results = _options.ResultsFolder(parsed, spec);
            var (plan, stored) = Stored(spec, results);
            Phase[] missing = [.. PhaseQueue.Missing(plan, stored)];
            var ids = missing.Select(p => p.Id).ToHashSet();
            var isJson = parsed.GetValue(_json);
            if (!isJson) Show(spec, parsed.GetValue(_left) ? missing : plan.Phases, plan, missing.Length, results);
            var memory = spec.ScenarioSource is null ? null : MemoryOfPlan.Of(tournament, parsed.GetValue(_megabytes),
                parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(spec.Device));
            if (!isJson && memory is not null) Show(memory);
            // Playing a little of what does not fit says no more.
            var estimate = parsed.GetValue(_quick) || memory is { Problems.Count: > 0 }
                ? null
                : await EstimateAsync(parsed, tournament, plan, missing, results);
            if (isJson) JsonOutput.Write(PlanDocument.Of(spec, plan, ids, results, estimate) with { Memory = memory },
                PrintedJson.Default.PlanDocument);
            else if (estimate is not null) Show(estimate, missing.Length);

            foreach (var problem in (memory?.Problems ?? []).Concat(estimate?.Problems ?? [])) await Console.Error.WriteLineAsync(problem);
            return memory is { Problems.Count: > 0 } ? ExitCodes.BadInput : ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Read without holding the folder: somebody may play in it.</summary>
    private static (TournamentPlan Plan, Dictionary<string, PhaseResult> Results) Stored(TournamentSpec spec, string path)
    {
        if (!Directory.Exists(path)) return (TournamentPlan.From(spec), []);
        using var folder = RunFolder.OpenToRead(path, StoredRun.Key());
        return new ResultStore(folder).Load(spec);
    }

    private async Task<EstimateOfPlan> EstimateAsync(ParseResult parsed, ResolvedTournament tournament, TournamentPlan plan,
        Phase[] left, string results)
    {
        var spec = tournament.Spec;
        using var interrupt = new InterruptSignals(Console.Error.WriteLine) { Says = "Stopping." };
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        if (left.Length > 0) await Strangers.WallsAsync(spec, protection, _sandbox.Of(parsed));
        var lanes = parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(spec.Device);
        var started = TimeProvider.System.GetTimestamp();
        // Of what results may call for, that is in the plan already which they have called for.
        var called = plan.Phases.Count - TournamentPlan.From(spec).Phases.Count;
        var more = Math.Max(0, PlanDocument.Again(spec) + PlanDocument.Found(spec) - called);
        var estimate = await new PlanCalibration(folder => new WorkerExecutor(WorkerProgram.Dll, protection, folder), tournament, lanes)
            .RunAsync(left, more, interrupt.Drain);
        return EstimateOfPlan.Of(estimate, lanes, TimeProvider.System.GetElapsedTime(started),
            estimate.Problems(SystemMemory.FreeMegabytes(), FreeDisk(Path.GetFullPath(results)), lanes));
    }

    /// <summary>Where the results will lie, as far as the path is there.</summary>
    private static double FreeDisk(string folder)
    {
        var there = folder;
        while (!Directory.Exists(there)) there = Path.GetDirectoryName(there)!;
        return new DriveInfo(there).AvailableFreeSpace / 1e6;
    }

    private void Show(TournamentSpec spec, IReadOnlyList<Phase> listed, TournamentPlan plan, int left, string results)
    {
        foreach (var phase in listed) console.WriteLine($"{phase.Id}  {phase.Title}");
        var kinds = plan.Phases.GroupBy(p => p.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {PlanDocument.Word(g.Key)}");
        console.WriteLine(
            $"{plan.Cells.Count} cells in {plan.Phases.Count} phases ({string.Join(", ", kinds)}); attack budget {spec.AttackLimits.Steps} steps, "
                + $"defense budget {spec.DefenseLimits.Steps} steps.");
        console.WriteLine($"Left to play: {left} of {plan.Phases.Count} in {results}.");
        if (PlanDocument.Again(spec) is > 0 and var again)
            console.WriteLine($"The winners of sweeps are played again on fresh random streams: up to {again} attack phases more.");
        if (PlanDocument.Found(spec) is > 0 and var found)
            console.WriteLine($"Searches go on from their first tries: up to {found} attack phases more.");
    }

    private void Show(MemoryOfPlan memory)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Memory of the device, GB by arithmetic; {memory.Lanes} at a time{
            (memory.DeviceMegabytes is { } all ? $", {all / 1e3:0.0} GB for all of them" : "")}:"));
        foreach (var phase in memory.Phases)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {phase.Megabytes / 1e3,7:0.00}  {phase.Who}: {phase.Parts}"));
    }

    private void Show(EstimateOfPlan estimate, int left)
    {
        var more = estimate.Phases - left;
        var phases = more > 0 ? $"{left} phases, and up to {more} more," : $"{left} phases,";
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Estimate from {estimate.CalibrationSeconds:0} s of calibration: {phases} {
            estimate.Lanes} at a time, take about {RunTally.Clock(TimeSpan.FromSeconds(estimate.Seconds))}, {
                estimate.MemoryMegabytes:0} MB of memory and {estimate.DiskMegabytes:0.0} MB of disk."));
    }
}
