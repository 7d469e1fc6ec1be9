using System.CommandLine;
using Spectre.Console;
using Titer.Plugins;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Shows, sets and clears what is set aside.</summary>
internal sealed class QuarantineVerb(IAnsiConsole console, Quarantine quarantine) : IPluginVerb
{
    public Command Build() => new("quarantine", "List, clear or set plugins that are not played.") { ListVerb(), ClearVerb(), SetVerb() };

    private Command ListVerb()
    {
        var command = new Command("list", "Show what is set aside, and why.");
        command.SetAction(_ =>
        {
            var entries = quarantine.Entries();
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
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(id)!;
            PluginProblem[] problems = quarantine.Clear(name)
                ? []
                : [new("TITER222", $"'{name}' is not set aside.", "See 'titer plugin quarantine list'.")];
            return VerbResult.Say(problems.Length == 0 ? $"{name} plays again" : null, problems);
        });
        return command;
    }

    private Command SetVerb()
    {
        var id = Id();
        var reason =
            new Option<string>("--reason") { Description = "Why, for the leaderboard.", DefaultValueFactory = _ => "set aside by the operator." };
        var command = new Command("set", "Set every build of a plugin aside.") { id, reason };
        command.SetAction(parsed =>
        {
            quarantine.Set(parsed.GetValue(id)!, "", parsed.GetValue(reason)!);
            return VerbResult.Say($"{parsed.GetValue(id)} is set aside", []);
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "The plugin's id, as 'titer list' shows it." };
}
