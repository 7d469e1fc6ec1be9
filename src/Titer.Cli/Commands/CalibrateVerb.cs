using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament.Calibration;

namespace Titer.Cli.Commands;

/// <summary>Finds the learning rates of weak, medium and strong attacks on a scenario's undefended subject, as a block for its file.</summary>
internal sealed class CalibrateVerb(IAnsiConsole console)
{
    public Command Build()
    {
        var name = new Argument<string>("scenario") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "apothecary",
            Description = "Embedded scenario's name, or a path." };
        var attacks = new Option<string[]>("--attacks")
        {
            Description = "Attacks to calibrate, of those with harmful data and a learning rate; default the ones that enter by default.",
            AllowMultipleArgumentsPerToken = true,
        };
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders.", AllowMultipleArgumentsPerToken = true };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var lanes = new Option<int?>(
            "--lanes") { Description = "Phases played at the same time; default one per core, on CUDA one per visible GPU." };
        var sandbox = new SandboxOption();
        var json = new JsonOption("scenario-calibrate-json");
        var command = new Command("calibrate", "Find the learning rates of weak, medium and strong attacks on the undefended subject.") { name,
            attacks, plugins, device, lanes, sandbox, json };
        command.SetAction(async (parsed, _) =>
        {
            var catalog = PluginCatalog.Scan(TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []),
                new PluginGate(PolicyOption.OfHome()));
            var chosen = parsed.GetValue(attacks) is { Length: > 0 } named ? named : [.. StrengthCalibration.CalibratedByDefault(catalog)];
            if (chosen.Except(StrengthCalibration.Calibratable(catalog)).FirstOrDefault() is { } wrong)
                throw new ConfigurationException(
                    $"TITER615 '{wrong}' cannot be calibrated. Attacks with harmful data and a learning_rate "
                        + $"can: {string.Join(", ", StrengthCalibration.Calibratable(catalog))}.");

            var count = parsed.GetValue(lanes)
                ?? DeviceLanes.DefaultCount(parsed.GetValue(device)!);
            using var interrupt = new InterruptSignals(Console.Error.WriteLine);
            var protection = WorkerProtection.Detect(sandbox.Of(parsed));
            await Strangers.WallsAsync(Strangers.In(catalog, chosen), protection, sandbox.Of(parsed), parsed.GetValue(device) != "cpu");
            await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection);
            var calibration = new StrengthCalibration(executor, catalog, TournamentOptions.HostVersion, count);
            var (lines, seconds, found) = (new List<string> { "strengths:" }, new List<double?>(), new List<CalibratedAttack>());
            foreach (var attack in chosen)
            {
                var tally = new RunTally(0, 0, count);
                var outcome = await calibration.RunAsync(parsed.GetValue(name)!, attack, parsed.GetValue(device)!,
                    new PlainProgress(tally, Console.Error), interrupt.Drain);
                await Console.Error.WriteLineAsync(
                    $"{attack}: harm by learning "
                        + $"rate {string.Join(", ", outcome.Outcomes.Select(o => Text($"{o.LearningRate:0.0E+0} {o.Harm:0.00}")))}");
                seconds.Add(outcome.AttackSeconds);
                found.Add(new CalibratedAttack(attack, outcome.Rates, outcome.HarmBefore, outcome.HarmThreshold, outcome.Outcomes,
                    outcome.Rates is null ? Nothing(outcome) : null));
                lines.Add(outcome.Rates is not { } rates
                    ? $"  # {attack}: {Nothing(outcome)}"
                    : Text($"  {attack}: {{ weak: {rates.Weak:R}, medium: {rates.Medium:R}, strong: {rates.Strong:R} }}   # {
                        StrengthFit.WeakPart:P0}, {StrengthFit.MediumPart:P0} and {StrengthFit.StrongPart:P0} of {rates.HighestHarm:0.00}"));
            }

            if (seconds.Max() is { } slowest)
                lines.Add(Text(
                    $"# {slowest:R} seconds are several times what the steps of an attack take here: budget: {{ attack_seconds: {slowest:R} }}"));
            if (parsed.GetValue(json))
                JsonOutput.Write(new CalibrationDocument(parsed.GetValue(name)!, parsed.GetValue(device)!, seconds.Max(), found),
                    PrintedJson.Default.CalibrationDocument);
            else foreach (var line in lines) console.Profile.Out.Writer.WriteLine(line);
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Nothing(CalibrationOutcome found) => found.HarmBefore > found.HarmThreshold
        ? string.Create(CultureInfo.InvariantCulture,
            $"the subject does harm before any step ({found.HarmBefore:0.00}, the threshold is {found.HarmThreshold:0.00}): there is nothing "
            + $"to calibrate")
        : string.Create(CultureInfo.InvariantCulture, $"no rate does harm within half of the budget: the highest "
            + $"is {found.Outcomes.Select(o => o.Harm).DefaultIfEmpty().Max():0.00}, the threshold is {found.HarmThreshold:0.00}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
