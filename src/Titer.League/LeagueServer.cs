using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Titer.League.Configuration;

namespace Titer.League;

/// <summary>Serves a league: the composition root of its host.</summary>
internal static class LeagueServer
{
    /// <summary>Plays until it is drained.</summary>
    /// <returns>Whether a fault of the machine is left.</returns>
    public static async Task<bool> ServeAsync(LeagueFile file, LeagueHost host, StopSignals stops)
    {
        using var league = OpenLeague.Open(file, host);
        await using var page = host.Show is { } show ? await show(league.Folder.Path, league.Inbox) : null;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        // Draining takes as long as a phase does, and a bug must come out rather than be logged.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddSingleton(league);
        builder.Services.AddSingleton(stops);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton<LeagueService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LeagueService>());
        using var application = builder.Build();
        var service = application.Services.GetRequiredService<LeagueService>();
        await application.RunAsync();
        // An exception that ended it comes out here.
        await service.ExecuteTask!;
        return service.IsFaulted;
    }

    /// <summary>Signals are the command line's: the first drains, the second aborts.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
