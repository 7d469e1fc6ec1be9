using System.CommandLine;
using Spectre.Console;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Shows what a run would play, without playing.</summary>
internal sealed class PlanCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var options = new TournamentOptions();
        var command = new Command("plan", "Show the phases that a run would play.");
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var tournament = options.Resolve(parsed);
            TournamentOptions.SayWhatIsLeftOut(tournament);
            var spec = tournament.Spec;
            var plan = TournamentPlan.From(spec);
            foreach (var phase in plan.Phases) console.WriteLine($"{phase.Id}  {phase.Title}");
            var kinds = plan.Phases.GroupBy(p => p.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}");
            console.WriteLine(
                $"{plan.Phases.Count} phases ({string.Join(", ", kinds)}); attack budget {spec.AttackLimits.Steps} steps, defense "
                    + $"budget {spec.DefenseLimits.Steps} steps.");
            var again = AttackFamily.Of(spec.Attacks).Where(f => f.IsSweep).Sum(f => f.Exposures.Count) * spec.Defenses.Count * spec.Seeds.Count;
            if (again > 0) console.WriteLine($"The winners of sweeps are played again on fresh random streams: up to {again} attack phases more.");
            var found = AttackFamily.Of(spec.Attacks).Sum(f => ((f.Search?.Tries ?? 1) - 1) * f.Exposures.Count) * spec.Defenses.Count;
            if (found > 0) console.WriteLine($"Searches go on from their first tries: up to {found} attack phases more.");
            return ExitCodes.Success;
        });
        return command;
    }
}
