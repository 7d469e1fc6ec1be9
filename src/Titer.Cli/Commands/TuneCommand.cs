using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament.Tuning;

namespace Titer.Cli.Commands;

/// <summary>Looks for the options of a defense that hold longest against attackers who search in turn, all of it charged and written down.</summary>
internal sealed class TuneCommand(IAnsiConsole console, Quarantine quarantine) : ICliCommand
{
    private const string Control = "no_weight_modification";

    private readonly TournamentOptions _tournament = new();
    private readonly SandboxOption _sandbox = new();
    private readonly Argument<string> _defense = new("defense") { Description = "The defense to tune." };
    private readonly Option<string[]> _against = Many("--against", "The attackers; default those of the tournament that train on harmful data.");
    private readonly Option<string[]> _guards =
        Many("--guard", "What a setting must keep of the undefended model: utility=0.95 (default), trainability=0.9.");
    private readonly Option<string[]> _over = Many("--over",
        "What is tuned: option=from..to or option=value,value; default every number, a decade either side of the published value.");

    private readonly Option<int> _tries =
        new("--tries") { Description = "Settings to play, the published one included.", DefaultValueFactory = _ => 12 };
    private readonly Option<int> _topN = new("--top-n")
    {
        Description = "Average over so many of the cells that fell first; 1 is the worst case.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<int?> _lanes = new("--lanes") { Description = "Phases played at the same time." };
    private readonly JsonOption _json = new("tuning", "Print tuning.json to stdout, progress to stderr");

    public Command Build()
    {
        AtLeast(_tries, 2);
        AtLeast(_topN, 1);
        var command = new Command("tune",
            "Look for the options of a defense that hold longest while it keeps its guards, then meet the published ones on other seeds.")
        {
            _defense,
        };
        _tournament.AddTo(command);
        foreach (var option in new Option[] { _against, _tries, _guards, _over, _topN, _lanes, _sandbox, _json }) command.Options.Add(option);
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var log = parsed.GetValue(_json) ? Console.Error : Console.Out;
        using var interrupt = new InterruptSignals(log.WriteLine);
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        var (id, against) = (parsed.GetValue(_defense)!, parsed.GetValue(_against) ?? []);
        var asked = _tournament.Read(parsed);
        ResolvedTournament Resolve(TournamentFile file) => _tournament.Resolve(parsed, file: file);
        var file = Only(asked, Resolve(asked with { Defenses = [EntrantEntry.Of(id)] }), against);
        var first = Resolve(file with { Defenses = [EntrantEntry.Of(id)] });
        TournamentOptions.SayWhatIsLeftOut(first);
        if (first.Spec.Defenses.FirstOrDefault(d => d.Refusal is not null) is { Refusal: { } refusal })
            throw new ConfigurationException($"{refusal.Code} {refusal.Reason}");
        var tuning = new DefenseTuning(id, TuningSpace.Of(first.Catalog.Plugins[id].Manifest, parsed.GetValue(_over) ?? []),
            parsed.GetValue(_tries), [.. Guards(parsed.GetValue(_guards) ?? [])], parsed.GetValue(_topN));
        var walls = await Strangers.WallsAsync(first.Spec, protection, _sandbox.Of(parsed));
        var path = _tournament.ResultsFolder(parsed, first.Spec with { Name = $"tune-{id}" });
        await log.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{id}: {tuning.Tries} settings of {string.Join(", ", tuning.Space.Select(d => d.Option))}, against {
                string.Join(", ", first.Spec.Attacks.Where(a => a.UsesHarmfulData).Select(a => a.Label))}; seed {first.Spec.Seeds[0]}."));
        await log.WriteLineAsync(walls ?? protection.SandboxText);
        var lanes = parsed.GetValue(_lanes) ?? DeviceLanes.DefaultCount(first.Spec.Device);
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection, Path.GetFullPath(path));
        var run = new TuningRun(executor, Resolve, quarantine,
            ResultKey.OfRun(TiterHome.FromEnvironment().ResultKeyFile, Console.Error.WriteLine), path, lanes)
        {
            Tried = tried => log.WriteLine(TuningView.Line(tried, tuning.Tries)),
        };
        var outcome =
            await run.PlayAsync(file, tuning, new PlainProgress(new RunTally(0, 0, lanes), Console.Error), interrupt.Drain, interrupt.Abort);
        var document = TuningDocument.Of(tuning, first.Spec, outcome.Tries, outcome.Best, outcome.Confirmation);
        var written = Path.Combine(path, "tuning.json");
        if (outcome.Tries.Count > 0) ReplacedFile.Write(written, document.ToJson());
        if (parsed.GetValue(_json)) await Console.Out.WriteAsync(document.ToJson());
        else new TuningView(console).Show(document, path);
        foreach (var (why, _) in outcome.Faults) await Console.Error.WriteLineAsync(why);
        return interrupt.Drain.IsCancellationRequested ? ExitCodes.Interrupted
            : outcome.Faults.Count > 0 ? ExitCodes.MachineFault
            : outcome.Best is { IsSound: true } ? ExitCodes.Success
            : ExitCodes.SomeCellFailed;
    }

    /// <summary>The tournament with the attackers that are asked for, as the file enters them where it does.</summary>
    private static TournamentFile Only(TournamentFile file, ResolvedTournament resolved, string[] against)
    {
        var entered = resolved.File.Attacks ?? [];
        var harmful = resolved.Spec.Attacks.Where(a => a.UsesHarmfulData).Select(a => a.Id).ToHashSet();
        IEnumerable<EntrantEntry> chosen = against.Length == 0
            ? entered.Where(a => harmful.Contains(a.Id.Value))
            : against.Distinct().SelectMany(id =>
                entered.Where(a => a.Id.Value == id).DefaultIfEmpty(EntrantEntry.Of(id) with { Search = SearchOf(resolved, id) }));
        return file with { Attacks = [EntrantEntry.Of(Control), .. chosen.Where(a => a.Id.Value != Control)] };
    }

    /// <summary>An attacker that the tournament does not have searches as those of the embedded one do.</summary>
    private static SearchEntry? SearchOf(ResolvedTournament resolved, string id) =>
        resolved.Catalog.Plugins.TryGetValue(id, out var plugin) ? SearchSpace.OfDefaultTournament(plugin.Manifest) : null;

    private static IEnumerable<TuningGuard> Guards(string[] asked)
    {
        foreach (var text in asked.Length > 0 ? asked : [$"{TuningGuard.Utility}=0.95"])
        {
            if (text.Split('=') is not [var name, var least] || !TuningGuard.Names.Contains(name)
                || !double.TryParse(least, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value is not (>= 0 and <= 1))
                throw new ConfigurationException($"TITER649 --guard '{text}' is no guard. Write {
                    string.Join(" or ", TuningGuard.Names.Select(n => $"{n}=0.95"))}: a part of the undefended model's, between 0 and 1.");
            yield return new TuningGuard(name, value);
        }
    }

    private static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < least || result.GetValueOrDefault<int>() > 10_000)
            result.AddError($"TITER610 {option.Name} must be between {least} and 10000.");
    });
}
