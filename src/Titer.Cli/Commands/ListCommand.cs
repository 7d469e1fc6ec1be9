using System.CommandLine;
using Spectre.Console;
using Titer.Runtime.Plugins;

namespace Titer.Cli.Commands;

/// <summary>Lists the plugins that the host found, and those it refused, with the reasons. No plugin code runs.</summary>
internal sealed class ListCommand(IAnsiConsole console) : ICliCommand
{
    private static readonly Style Grey = new(Color.Grey);

    public Command Build()
    {
        var kind = new Argument<string>("kind") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "all", Description = "defenses, attacks, metrics or all." };
        kind.AcceptOnlyFromAmong("all", "defenses", "attacks", "metrics");
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders.", AllowMultipleArgumentsPerToken = true };
        var options = new Option<bool>("--options") { Description = "Show each plugin's options with type, default and range." };
        var command = new Command("list", "List defenses, attacks and metrics.") { kind, plugins, options };
        command.SetAction(parsed =>
        {
            var catalog = PluginCatalog.Scan(TournamentOptions.PluginFolders((parsed.GetValue(plugins) ?? []).Select(Path.GetFullPath)));
            Show(catalog, parsed.GetValue(kind)!, parsed.GetValue(options));
            return catalog.Refused.Count == 0 ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private void Show(PluginCatalog catalog, string kind, bool withOptions)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("id", "kind", "paper", "summary");
        foreach (var manifest in catalog.Plugins.Values.Select(p => p.Manifest).OrderBy(m => m.Kind).ThenBy(m => m.Id, StringComparer.Ordinal))
        {
            if (kind != "all" && kind != manifest.Kind.ToString().ToLowerInvariant() + "s") continue;
            table.AddRow(new Text(manifest.Id), new Text(manifest.Kind.ToString().ToLowerInvariant()), new Text(manifest.Paper), new Text(manifest.Summary));
            if (!withOptions) continue;
            foreach (var field in manifest.Options.Fields)
                table.AddRow(new Text("  " + field.Name, Grey), new Text(""), new Text(field.Default.Length > 0 ? $"= {field.Default}" : "", Grey), new Text(field.Expectation, Grey));
        }

        console.Write(table);
        foreach (var refused in catalog.Refused)
        {
            foreach (var problem in refused.Problems)
                console.MarkupLineInterpolated($"[red]refused[/] {refused.Name}: {problem.ToString()}");
        }
    }
}
