using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Titer.Cli.Printed;
using Titer.League.Configuration;
using Titer.Runtime.Configuration;
using Titer.Scenarios;
using Titer.Scenarios.Yaml;

namespace Titer.Cli.Commands;

/// <summary>Prints the JSON Schema of a file that titer reads or writes, made from what reads or writes it.</summary>
internal sealed class SchemaCommand : ICliCommand
{
    private static readonly Dictionary<string, Func<YamlSchema>> Read = new()
    {
        ["league"] = () => LeagueKeys.Schema,
        ["policy"] = () => PolicyKeys.Schema,
        ["scenario"] = () => ScenarioKeys.Schema,
        ["tournament"] = () => TournamentKeys.Schema,
    };

    private static readonly JsonSerializerOptions ForPeople = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Command Build()
    {
        var file = new Argument<string>("file")
        {
            Description =
                "tournament, scenario, league or policy, which people write; leaderboard, phase, tuning, standing or season, which titer writes; "
                + "or VERB-json, what a verb prints with --json.",
        };
        file.AcceptOnlyFromAmong([.. PrintedSchemas.All.Keys, .. Read.Keys]);
        var page = new Option<bool>("--page") { Description = "Print a page that explains every key instead (of those that people write)." };
        var command = new Command("schema", "Print the JSON Schema of a file, for editors and scripts.") { file, page };
        command.Validators.Add(result =>
        {
            if (result.GetValue(page) && result.GetValue(file) is { } name && !Read.ContainsKey(name))
                result.AddError($"TITER610 --page explains files that people write: {string.Join(" and ", Read.Keys)}.");
        });
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(file)!;
            if (parsed.GetValue(page)) Console.Out.Write(Page(name, Read[name]()));
            else Console.Out.WriteLine(
                (PrintedSchemas.All.TryGetValue(name, out var written) ? written() : Read[name]().Json()).ToJsonString(ForPeople));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Page(string name, YamlSchema schema) => $"""
        # {name}.yaml: every key

        Made from the reader of the file by `titer schema {name} --page`. An editor completes and checks the file with the first line
        `# yaml-language-server: $schema={name}.schema.json`, where `titer schema {name} > {name}.schema.json` made that file.

        | key | values | meaning |
        |---|---|---|
        {string.Join('\n', schema.Rows.Select(row => $"| `{row.Path}` | {Cell(row.Values)} | {Cell(row.Meaning)} |"))}

        """;

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
