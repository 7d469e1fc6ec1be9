using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Terminal;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Shows what a run would play and, after a little of it, what it would take of this machine.</summary>
internal sealed class PlanCommand(IAnsiConsole console) : ICliCommand
{
    private readonly TournamentOptions _options = new();
    private readonly SandboxOption _sandbox = new();
    private readonly Option<bool> _quick = new("--no-estimate")
    {
        Description = "Show the phases alone: do not play a little of every plugin to estimate time, memory and disk of the run.",
    };

    private readonly Option<int?> _lanes =
        new("--lanes") { Description = "Phases that the run plays at the same time; default as that of 'titer run'." };

    public Command Build()
    {
        var command = new Command("plan", "Show the phases that a run would play, and what it would take of this machine.");
        _options.AddTo(command);
        _lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        foreach (var option in new Option[] { _quick, _lanes, _sandbox }) command.Options.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            var tournament = _options.Resolve(parsed);
            TournamentOptions.SayWhatIsLeftOut(tournament);
            var spec = tournament.Spec;
            var plan = TournamentPlan.From(spec);
            foreach (var phase in plan.Phases) console.WriteLine($"{phase.Id}  {phase.Title}");
            var kinds = plan.Phases.GroupBy(p => p.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}");
            console.WriteLine(
                $"{plan.Cells.Count} cells in {plan.Phases.Count} phases ({string.Join(", ", kinds)}); attack budget {spec.AttackLimits.Steps} "
                    + $"steps, defense budget {spec.DefenseLimits.Steps} steps.");
            var again = AttackFamily.Of(spec.Attacks).Where(f => f.IsSweep).Sum(f => f.Exposures.Count) * spec.Defenses.Count * spec.Seeds.Count;
            if (again > 0) console.WriteLine($"The winners of sweeps are played again on fresh random streams: up to {again} attack phases more.");
            var found = AttackFamily.Of(spec.Attacks).Sum(f => ((f.Search?.Tries ?? 1) - 1) * f.Exposures.Count) * spec.Defenses.Count;
            if (found > 0) console.WriteLine($"Searches go on from their first tries: up to {found} attack phases more.");
            if (!parsed.GetValue(_quick)) await EstimateAsync(parsed, tournament, plan, again + found);
            return ExitCodes.Success;
        });
        return command;
    }

    private async Task EstimateAsync(ParseResult parsed, ResolvedTournament tournament, TournamentPlan plan, int more)
    {
        var spec = tournament.Spec;
        using var interrupt = new InterruptSignals(Console.Error.WriteLine) { Says = "Stopping." };
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        await StrangersWalls.ProveAsync(spec, protection, _sandbox.Of(parsed));
        var lanes = parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(spec.Device, Environment.ProcessorCount, VisibleGpus.Count());
        var results = Path.GetFullPath(_options.ResultsFolder(parsed, spec));
        var left = Left(results, spec, plan);
        var started = TimeProvider.System.GetTimestamp();
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection);
        var estimate = await new PlanCalibration(executor, tournament, lanes).RunAsync(plan, left, more, interrupt.Drain);
        var took = TimeProvider.System.GetElapsedTime(started);
        console.Write(string.Create(CultureInfo.InvariantCulture,
            $"Estimate from {took.TotalSeconds:0} s of calibration, {lanes} at a time: {left.Count} of {estimate.Phases} phases to play, "));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"about {RunTally.Clock(TimeSpan.FromSeconds(estimate.Seconds))}, {
            estimate.Megabytes:0} MB of memory, {estimate.DiskMegabytes:0.0} MB of disk."));
        foreach (var problem in estimate.Problems(SystemMemory.FreeMegabytes(), FreeDisk(results), lanes))
            await Console.Error.WriteLineAsync(problem);
    }

    private static IReadOnlyCollection<Phase> Left(string results, TournamentSpec spec, TournamentPlan plan)
    {
        if (!Directory.Exists(results)) return [.. PhaseQueue.Missing(plan, new Dictionary<string, PhaseResult>())];
        using var folder = RunFolder.OpenToRead(results, StoredRun.Key());
        return [.. PhaseQueue.Missing(plan, new ResultStore(folder).Load(spec, plan.Phases))];
    }

    /// <summary>Where the results will lie, as far as the path is there.</summary>
    private static double FreeDisk(string folder)
    {
        var there = folder;
        while (!Directory.Exists(there)) there = Path.GetDirectoryName(there)!;
        return new DriveInfo(there).AvailableFreeSpace / 1e6;
    }
}
