using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Workers;
using Titer.Scenarios;

namespace Titer.Cli.Commands;

/// <summary>Lists the plugins that the host found, and those it refused, with the reasons. Without <c>--load</c> no plugin code runs.</summary>
internal sealed class ListCommand(IAnsiConsole console, Quarantine quarantine) : ICliCommand
{
    private const int WideColumns = 130;
    private static readonly Style Grey = new(Color.Grey);

    public Command Build()
    {
        var kind = new Argument<string>("kind") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "all",
            Description = "defenses, attacks, metrics or all." };
        kind.AcceptOnlyFromAmong("all", "defenses", "attacks", "metrics");
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders.", AllowMultipleArgumentsPerToken = true };
        var options = new Option<bool>("--options") { Description = "Show each plugin's options with type, default and range." };
        var fidelity = new Option<bool>("--fidelity")
        {
            Description = "Show what each plugin says of its paper: what is the same, what differs, figures, verdict.",
        };
        var load = new Option<bool>("--load") { Description = "Load each plugin in a worker, unload it, and prove that it is gone." };
        var json = new JsonOption("list-json");
        var sandbox = new SandboxOption();
        var command = new Command("list", "List defenses, attacks and metrics.") { kind, plugins, options, fidelity, load, sandbox, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var catalog = PluginCatalog.Scan(TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []));
            foreach (var shadowed in catalog.Shadowed) await Console.Error.WriteLineAsync(shadowed.ToString());
            var wanted = parsed.GetValue(kind)!;
            var listed = catalog.Verdicts.Select(Of).Where(p => wanted == "all" || p.Kind is null || wanted == p.Kind + "s")
                .OrderBy(p => p.Kind is null).ThenByDescending(p => p.Kind, StringComparer.Ordinal).ThenBy(p => p.Id, StringComparer.Ordinal)
                .ToArray();
            if (parsed.GetValue(load)) listed = await LoadedAsync(listed, catalog, sandbox.Of(parsed), cancellation);
            if (parsed.GetValue(json)) JsonOutput.Write([.. listed, .. wanted == "metrics" ? BuiltInMetrics() : []],
                PrintedJson.Default.IReadOnlyListListedPlugin);
            else Show(listed, parsed.GetValue(options), parsed.GetValue(fidelity));
            if (wanted == "metrics" && !parsed.GetValue(json)) ShowBuiltInMetrics();
            return listed.All(p => p.State is PluginState.Accepted or PluginState.Loaded) ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private static IEnumerable<ListedPlugin> BuiltInMetrics() => MetricCatalog.All.Select(metric =>
        new ListedPlugin(metric.Id, "metric", null, null, null, PluginState.Accepted, "", metric.Summary, "", []) { IsBuiltIn = true });

    private void ShowBuiltInMetrics()
    {
        var table = new Table().Border(TableBorder.Simple).Title("Built-in metrics").AddColumns("id", "looks at", "what", "options");
        foreach (var metric in MetricCatalog.All)
            table.AddRow(new Text(metric.Id), new Text(metric.Needs.ToString().ToLowerInvariant()), new Text(metric.Summary),
                new Text(string.Join(", ", metric.Options)));
        console.Write(table);
    }

    private ListedPlugin Of(PluginVerdict verdict)
    {
        var problems = verdict.Problems.Select(p => p.ToString()).ToArray();
        if (verdict.Plugin?.Manifest is not { } manifest)
            return new ListedPlugin(verdict.Name, null, null, null, null, PluginState.Refused, "", "", verdict.Path,
                [.. verdict.Errors.Select(p => p.ToString())]);
        var aside = quarantine.Find(manifest.Id, manifest.ContentHash);
        return new ListedPlugin(
            manifest.Id, manifest.Kind.ToString().ToLowerInvariant(), manifest.Version.Split('+')[0], manifest.ApiLevel, manifest.ContentHash,
            aside is null ? PluginState.Accepted : PluginState.Quarantined, manifest.Paper, manifest.Summary, verdict.Path,
            aside is null ? problems : [aside.Reason, .. problems])
        {
            Options = manifest.Options,
            Fidelity = manifest.Fidelity,
        };
    }

    private static async Task<ListedPlugin[]> LoadedAsync(
        ListedPlugin[] listed, PluginCatalog catalog, SandboxMode mode, CancellationToken cancellation)
    {
        var loaded = listed.Where(p => p.State == PluginState.Accepted).ToArray();
        var strangers = Strangers.In(catalog, loaded.Select(p => p.Id));
        var protection = WorkerProtection.Detect(mode);
        await Strangers.WallsAsync(strangers, protection, mode, usesGpu: false);
        string[] Folders(bool ofStrangers) => [.. loaded.Where(p => strangers.Contains(p.Id) == ofStrangers).Select(p => p.Folder)];
        var states = await new LoadCheck(WorkerProgram.Dll, protection).RunAsync(Folders(false), Folders(true), cancellation);
        return [.. listed.Select(p => states.TryGetValue(p.Folder, out var state)
            ? p with { State = state.State, Problems = state.Problem is null ? p.Problems : [state.Problem, .. p.Problems] }
            : p)];
    }

    private void Show(ListedPlugin[] listed, bool withOptions, bool withFidelity)
    {
        var wide = console.Profile.Width >= WideColumns;
        var table = new Table().Border(wide ? TableBorder.Simple : TableBorder.None);
        foreach (var header in new[] { "id", "kind", "version", "api", "hash", "state",
            "paper" }) table.AddColumn(new TableColumn(header) { NoWrap = header is not "paper", Padding = new Padding(0, 0, wide ? 2 : 1, 0) });
        if (wide) table.AddColumns("verdict", "summary");
        foreach (var plugin in listed)
        {
            Text[] cells =
            [
                new(plugin.Id), new(plugin.Kind ?? ""), new(plugin.Version ?? ""), new($"{plugin.ApiLevel}"),
                new(plugin.ContentHash?[..(wide ? 12 : 7)] ?? ""),
                new(plugin.StateName, plugin.State is PluginState.Accepted or PluginState.Loaded ? Style.Plain : new Style(Color.Red)),
                // The number alone fits beside the longest ids on 80 columns.
                new(wide ? plugin.Paper : plugin.Paper.Replace("arXiv:", "", StringComparison.Ordinal)),
            ];
            table.AddRow(wide ? [.. cells, new Text(plugin.Fidelity?.Verdict ?? ""), new Text(plugin.Summary)] : cells);
        }

        console.Write(table);
        if (withOptions) ShowOptions(listed);
        if (withFidelity) ShowFidelity(listed);
        foreach (var plugin in listed)
        {
            foreach (var problem in plugin.Problems)
                console.MarkupLineInterpolated(
                    $"[{(plugin.State is PluginState.Accepted or PluginState.Loaded ? "grey" : "red")}]{plugin.Id}[/]: {problem}");
        }
    }

    private void ShowOptions(ListedPlugin[] listed)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("plugin", "option", "default", "range");
        foreach (var plugin in listed)
        {
            foreach (var field in plugin.Options.Fields)
                table.AddRow(new Text(plugin.Id), new Text(field.Name), new Text(VisibleText.OnOneLine(field.Default)),
                    new Text(field.Expectation, Grey));
        }

        console.Write(table);
    }

    private void ShowFidelity(ListedPlugin[] listed)
    {
        foreach (var plugin in listed.Where(p => p.Kind is not null))
        {
            if (plugin.Fidelity is not { } card)
            {
                console.WriteLine($"{plugin.Id}: says nothing of its paper.");
                continue;
            }

            console.WriteLine($"{plugin.Id}: {card.Verdict}; evidence: {card.Evidence}{(card.Paper.Length > 0 ? $"; {card.Paper}" : "")}");
            foreach (var (name, text) in Lines(card)) console.WriteLine($"  {name}: {text}");
        }
    }

    private static IEnumerable<(string Name, string Text)> Lines(PluginFidelity card) =>
    [
        .. card.Same.Select(s => ("same", s)),
        .. card.Differs.Select(d => ("differs", d)),
        .. new[] { ("reference check", card.ReferenceCheck), ("published strength", card.PublishedStrength),
            ("made against", string.Join(", ", card.MadeAgainst)) }.Where(l => l.Item2.Length > 0),
        .. card.Published.Select(f => ("published", $"{f.What}: {f.Value} ({f.Source})")),
        .. card.Here.Select(f => ("here", $"{f.What}: {f.Value} ({f.Source})")),
    ];
}
