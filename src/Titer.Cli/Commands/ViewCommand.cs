using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Cli.Commands;

/// <summary>Shows a results folder in a browser, also while it is played, until it is stopped. Reads only.</summary>
internal sealed class ViewCommand(TiterHome home) : ICliCommand
{
    public Command Build()
    {
        var folders = new Argument<string[]>("results") { Arity = ArgumentArity.ZeroOrMore,
            Description = "Results folders, for example results/apothecary. The first one is shown; the others can be compared with it.",
            DefaultValueFactory = _ => [Path.Combine("results", "apothecary")] };
        var settings = new PageSettings();
        var command = new Command("view", "Show results in a browser, live while they are played.") { folders };
        settings.AddTo(command);
        var json = new JsonOption("view-json");
        command.Options.Add(json);
        command.SetAction(async (parsed, _) =>
        {
            using var interrupt = new InterruptSignals(_ => { });
            await using var page = await PageSettings.OpenAsync(settings.Of(parsed, home, parsed.GetValue(folders)!), interrupt.Drain,
                parsed.GetValue(json));
            await Console.Error.WriteLineAsync("Ctrl-C ends it; nothing that is played depends on it.");
            await Task.Delay(Timeout.Infinite, interrupt.Drain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Success;
        });
        return command;
    }
}
