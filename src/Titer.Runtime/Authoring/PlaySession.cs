using Titer.Files;
using Titer.Files.Codes;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Plugins.Watching;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Authoring;

/// <summary>
/// A play worker's side: keeps subject, device and data loaded, watches the plugin, and plays a small match on every new build. A match that a
/// newer build overtakes is given up.
/// </summary>
internal sealed class PlaySession : IPluginSlotObserver, IRunObserver, IDisposable
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);

    private readonly WirePipe _pipe;
    private readonly PluginRoot _root;
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Lock _lock = new();
    private readonly ScratchFolder _shadows = ScratchFolder.Create();
    private InstalledPlugin? _build;
    private CancellationTokenSource _match = new();
    private int _buildsBefore;

    public PlaySession(WirePipe pipe, PluginRoot root) => (_pipe, _root) = (pipe, root);

    /// <summary>Runs until the supervisor is gone. Returns the process' exit code.</summary>
    public async Task<int> RunAsync(PlayOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        _ = SupervisorWatch.EndWithAsync(_pipe);
        _buildsBefore = order.BuildsBefore;
        Scenario scenario;
        try
        {
            NativeTorch.EnsureLoaded();
            scenario = AuthorMatch.OpenScenario(order.Scenario);
        }
        catch (Exception e) when (e is ICoded)
        {
            _pipe.Write(new RefusalMessage(e.Message, e is MachineFaultException));
            return 0;
        }

        PluginSlot? slot = null;
        // The match names the build that it was made for; by now a newer one may be leased, whose match follows.
        var host = new WarmPhaseHost(_root, scenario, order.Device, phase => slot is not null && PluginOf(phase) == slot.Manifest?.Id
            ? slot.Lease() is { } lease ? PluginStage.On(lease) : null
            : null,
            metric => slot is not null && metric.Id == slot.Manifest?.Id && slot.Lease() is { } lease ? MetricStage.On(lease, metric.Options,
                TimeSpan.FromSeconds(metric.Limits.Seconds)) : null);
        using var match = new AuthorMatch(host);
        var opponents = PluginCatalog.Scan(order.OpponentFolders);
        slot = new PluginSlot(_root, order.PluginPath, _shadows.Path, new PluginGate(), this, skipContentHash: order.SkipContentHash);
        host.WarmUp();
        while (true)
        {
            await _arrived.WaitAsync();
            if (NextBuild() is not { } build) continue;
            var playing = PlayAsync(match, build, opponents, order);
            var overtaken = Task.Delay(Timeout.InfiniteTimeSpan, _match.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (await Task.WhenAny(playing, overtaken) == overtaken && await Task.WhenAny(playing, Task.Delay(StopGrace)) != playing)
                return PlayOrder.StuckExitCode;
            await playing;
            host.ReleaseMetrics();
            slot.Prove();
        }
    }

    public void Loaded(int number, InstalledPlugin plugin, IReadOnlyList<PluginProblem> advice)
    {
        lock (_lock)
        {
            _build = plugin;
            _match.Cancel();
        }

        var manifest = plugin.Manifest;
        _pipe.Write(new BuildMessage(_buildsBefore + number, manifest.Id, manifest.Kind.ToString().ToLowerInvariant(), manifest.ContentHash,
            [.. advice.Select(a => a.ToString())]));
        _arrived.Release();
    }

    public void Refused(PluginVerdict verdict) => _pipe.Write(new RefusedMessage([.. verdict.Errors.Select(p => p.ToString())]));

    public void Unloaded(int number) => _pipe.Write(new RetiredMessage(_buildsBefore + number, null));

    public void Leaked(int number, PluginProblem problem) => _pipe.Write(new RetiredMessage(_buildsBefore + number, problem.ToString()));

    public void Started(Phase phase) => _pipe.Write(new PhaseMessage(phase));

    public void Progressed(Phase phase, PhaseProgress progress) => _pipe.Write(new ProgressMessage(progress));

    public void Finished(Phase phase, PhaseResult result) => _pipe.Write(new ResultMessage(result));

    public void Dispose()
    {
        _shadows.Dispose();
        _arrived.Dispose();
        _match.Dispose();
    }

    private InstalledPlugin? NextBuild()
    {
        lock (_lock)
        {
            var build = _build;
            _build = null;
            _match.Dispose();
            _match = new CancellationTokenSource();
            return build;
        }
    }

    private async Task PlayAsync(AuthorMatch match, InstalledPlugin build, PluginCatalog opponents, PlayOrder order)
    {
        var overtaken = _match.Token;
        try
        {
            var tournament = AuthorMatch.Of(build.Manifest, opponents.With(build), order.Set, new RunOverrides { Device = order.Device });
            _pipe.Write(new MatchMessage(tournament.Spec));
            var played = await match.PlayAsync(tournament, this, overtaken);
            _pipe.Write(new MatchEndMessage(!overtaken.IsCancellationRequested && played.Report.Rows.Count > 0, null));
        }
        catch (ConfigurationException e)
        {
            _pipe.Write(new MatchEndMessage(false, e.Message));
        }
    }

    private static string? PluginOf(PhaseOrder order) => order.Phase.Kind == PhaseKind.Attack ? order.Phase.Attack?.Id : order.Phase.Defense.Id;
}
