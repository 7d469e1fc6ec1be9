using System.CommandLine;
using System.Net;
using Titer.Cli.Terminal;
using Titer.Plugins;
using Titer.View.Hosting;

namespace Titer.Cli.Commands;

/// <summary>Shows a results folder in a browser, also while it is played, until it is stopped. Reads only.</summary>
internal sealed class ViewCommand(TiterHome home) : ICliCommand
{
    private const string TokenFileName = "page.token";

    public Command Build()
    {
        var folders = new Argument<string[]>("results") { Arity = ArgumentArity.ZeroOrMore,
            Description = "Results folders, for example results/apothecary. The first one is shown; the others can be compared with it.",
            DefaultValueFactory = _ => [Path.Combine("results", "apothecary")] };
        var port = new Option<int>("--port") { Description = "The port; 0 takes a free one.", DefaultValueFactory = _ => PageOptions.DefaultPort };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > ushort.MaxValue) result.AddError("TITER610 --port must be between 0 and 65535.");
        });
        var listen = new Option<string?>("--listen") { Description =
            "The address to listen on, in place of 127.0.0.1. Any other can be reached by others: whoever has the token sees every result." };
        var hosts = new Option<string[]>("--host") { AllowMultipleArgumentsPerToken = true,
            Description = "Names by which a proxy or the network knows this machine; requests for other names are refused." };
        var command = new Command("view", "Show results in a browser, live while they are played.") { folders, port, listen, hosts };
        command.SetAction(async (parsed, _) =>
        {
            using var interrupt = new InterruptSignals(_ => { });
            var options = new PageOptions(parsed.GetValue(folders)!)
            {
                Listen = Address(parsed.GetValue(listen)),
                Port = parsed.GetValue(port),
                HostNames = parsed.GetValue(hosts) ?? [],
                Token = PageToken.Of(Path.Combine(home.Path, TokenFileName)),
            };
            await using var page = await PageHost.StartAsync(options, StoredRun.Key(), TimeProvider.System, interrupt.Drain);
            await Console.Out.WriteLineAsync(page.Url.ToString());
            if (!IPAddress.IsLoopback(options.Listen))
                await Console.Error.WriteLineAsync($"Others can reach {page.Address}. What they need is the token above, and it goes over the "
                    + "network unencrypted: put a reverse proxy with TLS before it, with its name in --host, wherever that network is not yours "
                    + "alone.");
            await Console.Error.WriteLineAsync("Ctrl-C ends it; nothing that is played depends on it.");
            await Task.Delay(Timeout.Infinite, interrupt.Drain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCodes.Success;
        });
        return command;
    }

    private static IPAddress Address(string? text)
    {
        if (text is null or "localhost") return IPAddress.Loopback;
        return IPAddress.TryParse(text, out var address) ? address : throw new PageException(
            $"TITER671 --listen {text} is no IP address. Write one of this machine's, for example 127.0.0.1, or 0.0.0.0 for all of them.");
    }
}
