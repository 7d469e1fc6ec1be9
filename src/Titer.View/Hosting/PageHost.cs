using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Titer.Runtime.Results;
using Titer.View.Reading;
using Titer.View.Web;

namespace Titer.View.Hosting;

/// <summary>
/// The page of a results folder, served over HTTP while this process lives. It looks by itself whether there is something new. It reads, and starts
/// nothing.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ResultsReader[] _readers;

    private PageHost(WebApplication web, ResultsReader[] readers, Uri address, PageOptions options)
    {
        (_web, _readers, Address) = (web, readers, address);
        Url = new Uri(address, $"?token={options.Token.Text}");
    }

    /// <summary>Without the token.</summary>
    public Uri Address { get; }

    /// <summary>What is printed and opened.</summary>
    public Uri Url { get; }

    /// <param name="key">Of the host whose results these are; null where it has none.</param>
    /// <exception cref="PageException">The address is taken or not this machine's.</exception>
    /// <exception cref="Files.FileRefusalException">There is no such folder.</exception>
    public static async Task<PageHost> StartAsync(PageOptions options, ResultKey? key, TimeProvider clock, CancellationToken cancellation)
    {
        var readers = new List<ResultsReader>();
        WebApplication? web = null;
        try
        {
            foreach (var folder in options.Folders) readers.Add(new ResultsReader(folder, key, options.LookEvery, clock));
            web = Build(options, [.. readers], clock);
            await web.StartAsync(cancellation);
            var port = new Uri(web.Urls.First()).Port;
            var host = options.Listen.Equals(IPAddress.Any) || options.Listen.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : options.Listen;
            return new PageHost(web, [.. readers], new UriBuilder("http", host.ToString(), port, "/").Uri, options);
        }
        catch (Exception e)
        {
            if (web is not null) await web.DisposeAsync();
            foreach (var reader in readers) await reader.DisposeAsync();
            if (e is IOException and not Files.FileRefusalException or System.Net.Sockets.SocketException)
                throw new PageException($"TITER670 The page cannot be opened on {options.Listen}, port {options.Port}: {e.Message.TrimEnd('.')}. "
                    + "Name another one with --port (0 takes a free one), or an address of this machine with --listen.", e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        foreach (var reader in _readers) await reader.DisposeAsync();
    }

    private static WebApplication Build(PageOptions options, ResultsReader[] readers, TimeProvider clock)
    {
        // Empty: nothing of the environment or of the current folder configures it, and it handles no signal.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 512;
            kestrel.Listen(options.Listen, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var web = builder.Build();
        if (options.Uploads is { } uploads)
        {
            var door = new SubmissionDoor(uploads);
            web.Lifetime.ApplicationStopped.Register(door.Dispose);
            web.Use((HttpContext context, Func<Task> next) =>
                HttpMethods.IsPost(context.Request.Method) && context.Request.Path == SubmissionDoor.Path
                ? door.PassAsync(context) : next());
        }

        var guard = new PageGuard(options.Token, options.Listen, options.HostNames);
        web.Use((HttpContext context, Func<Task> next) => guard.PassAsync(context, PageAssets.ImportMapHash, next));
        PageRoutes.Map(web, readers, clock);
        return web;
    }
}
