using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Shows what a run would play, without playing: all of it, and what of it has no result yet.</summary>
internal sealed class PlanCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var options = new TournamentOptions();
        var left = new Option<bool>("--left") { Description = "List only the phases that have no result yet." };
        var json = new JsonOption("plan-json");
        var command = new Command("plan", "Show the phases that a run would play, and what is left of them.");
        options.AddTo(command);
        command.Options.Add(left);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var tournament = options.Resolve(parsed);
            TournamentOptions.SayWhatIsLeftOut(tournament);
            var spec = tournament.Spec;
            var results = options.ResultsFolder(parsed, spec);
            var (plan, stored) = Stored(spec, results);
            var missing = PhaseQueue.Missing(plan, stored).Select(p => p.Id).ToHashSet();
            if (parsed.GetValue(json)) JsonOutput.Write(Document(spec, plan, missing, results), PrintedJson.Default.PlanDocument);
            else Show(spec, parsed.GetValue(left) ? [.. plan.Phases.Where(p => missing.Contains(p.Id))] : plan.Phases, plan, missing.Count, results);
            return ExitCodes.Success;
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

    private static PlanDocument Document(TournamentSpec spec, TournamentPlan plan, HashSet<string> missing, string results) => new(
        spec.Name, spec.Scenario, spec.ScenarioHash, spec.HostVersion, spec.Device, results, missing.Count, Again(spec) + Found(spec),
        [
            .. plan.Phases.Select(p => new PlannedPhase(p.Id, Word(p.Kind), p.Title, p.Defense.Label, p.Attack?.Label, Word(p.Exposure), p.Seed,
                p.AttackSeed, missing.Contains(p.Id))),
        ]);

    private void Show(TournamentSpec spec, IReadOnlyList<Phase> listed, TournamentPlan plan, int left, string results)
    {
        foreach (var phase in listed) console.WriteLine($"{phase.Id}  {phase.Title}");
        var kinds = plan.Phases.GroupBy(p => p.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {Word(g.Key)}");
        console.WriteLine(
            $"{plan.Phases.Count} phases ({string.Join(", ", kinds)}); attack budget {spec.AttackLimits.Steps} steps, defense "
                + $"budget {spec.DefenseLimits.Steps} steps.");
        console.WriteLine($"Left to play: {left} of {plan.Phases.Count} in {results}.");
        if (Again(spec) is > 0 and var again)
            console.WriteLine($"The winners of sweeps are played again on fresh random streams: up to {again} attack phases more.");
        if (Found(spec) is > 0 and var found) console.WriteLine($"Searches go on from their first tries: up to {found} attack phases more.");
    }

    private static int Again(TournamentSpec spec) =>
        AttackFamily.Of(spec.Attacks).Where(f => f.IsSweep).Sum(f => f.Exposures.Count) * spec.Defenses.Count * spec.Seeds.Count;

    private static int Found(TournamentSpec spec) =>
        AttackFamily.Of(spec.Attacks).Sum(f => ((f.Search?.Tries ?? 1) - 1) * f.Exposures.Count) * spec.Defenses.Count;

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
