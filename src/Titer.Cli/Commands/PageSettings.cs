using System.CommandLine;
using System.Net;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.View.Hosting;

namespace Titer.Cli.Commands;

/// <summary>Where a page is opened: the options of every verb that opens one.</summary>
internal sealed class PageSettings
{
    private const string TokenFileName = "page.token";

    private readonly Option<int> _port =
        new("--port") { Description = "The port of the page; 0 takes a free one.", DefaultValueFactory = _ => PageOptions.DefaultPort };
    private readonly Option<string?> _listen = new("--listen") { Description =
        "The address to listen on, in place of 127.0.0.1. Any other can be reached by others: whoever has the token sees every result." };
    private readonly Option<string[]> _hosts = new("--host") { AllowMultipleArgumentsPerToken = true,
        Description = "Names by which a proxy or the network knows this machine; requests for other names are refused." };

    public PageSettings() => _port.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 0 or > ushort.MaxValue) result.AddError("TITER610 --port must be between 0 and 65535.");
    });

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _port, _listen, _hosts }) command.Options.Add(option);
    }

    public PageOptions Of(ParseResult parsed, TiterHome home, IReadOnlyList<string> folders) => new(folders)
    {
        Listen = Address(parsed.GetValue(_listen)),
        Port = parsed.GetValue(_port),
        HostNames = parsed.GetValue(_hosts) ?? [],
        Token = PageToken.Of(Path.Combine(home.Path, TokenFileName)),
    };

    /// <summary>Opens it and says where it is.</summary>
    /// <param name="asJson">As a document.</param>
    public static async Task<PageHost> OpenAsync(PageOptions options, CancellationToken cancellation, bool asJson = false)
    {
        var page = await PageHost.StartAsync(options, StoredRun.Key(), TimeProvider.System, cancellation);
        if (asJson) JsonOutput.Write(new PageDocument(page.Url.ToString(), page.Address.ToString()), PrintedJson.Default.PageDocument);
        else await Console.Out.WriteLineAsync(page.Url.ToString());
        if (!IPAddress.IsLoopback(options.Listen))
            await Console.Error.WriteLineAsync($"Others can reach {page.Address}. What they need is the token above, and it goes over the "
                + "network unencrypted: put a reverse proxy with TLS before it, with its name in --host, wherever that network is not yours "
                + "alone.");
        return page;
    }

    private static IPAddress Address(string? text)
    {
        if (text is null or "localhost") return IPAddress.Loopback;
        return IPAddress.TryParse(text, out var address) ? address : throw new PageException(
            $"TITER671 --listen {text} is no IP address. Write one of this machine's, for example 127.0.0.1, or 0.0.0.0 for all of them.");
    }
}
