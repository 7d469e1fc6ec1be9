using System.CommandLine;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Plugins;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Shows, sets and clears what is set aside.</summary>
internal sealed class QuarantineVerb(IAnsiConsole console, Quarantine quarantine) : IPluginVerb
{
    public Command Build() => new("quarantine", "List, clear or set plugins that are not played.") { ListVerb(), ClearVerb(), SetVerb() };

    private Command ListVerb()
    {
        var json = new JsonOption("quarantine-json");
        var command = new Command("list", "Show what is set aside, and why.") { json };
        command.SetAction(parsed =>
        {
            var entries = quarantine.Entries();
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(entries, PrintedJson.Default.IReadOnlyListQuarantineEntry);
                return;
            }

            foreach (var entry in entries)
                console.WriteLine(FormattableString.Invariant(
                    $"{entry.Id}  {(entry.ContentHash.Length == 0 ? "every build" : entry.ContentHash[..12])}  since {
                        entry.SinceUtc:yyyy-MM-dd HH:mm}Z  {entry.Reason}"));
            if (entries.Count == 0) console.WriteLine("Nothing is set aside.");
        });
        return command;
    }

    private Command ClearVerb()
    {
        var id = Id();
        var command = new Command("clear", "Let a plugin play again.") { id };
        var result = new VerbResult();
        result.AddTo(command);
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(id)!;
            PluginProblem[] problems = quarantine.Clear(name)
                ? []
                : [new("TITER222", $"'{name}' is not set aside.", "See 'titer plugin quarantine list'.")];
            return result.Say(parsed, new PluginDocument("clear", problems.Length == 0, name, null, null, null, problems));
        });
        return command;
    }

    private Command SetVerb()
    {
        var id = Id();
        var reason =
            new Option<string>("--reason") { Description = "Why, for the leaderboard.", DefaultValueFactory = _ => "set aside by the operator." };
        var command = new Command("set", "Set every build of a plugin aside.") { id, reason };
        var result = new VerbResult();
        result.AddTo(command);
        command.SetAction(parsed =>
        {
            quarantine.Set(parsed.GetValue(id)!, "", parsed.GetValue(reason)!);
            return result.Say(parsed, new PluginDocument("set", true, parsed.GetValue(id), null, null, null, []));
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "The plugin's id, as 'titer list' shows it." };
}
