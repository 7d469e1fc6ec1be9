using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Watches a worker's process tree from outside: its resident memory, and the plugin's own seconds. Only what is the plugin's is charged to it:
/// loading and evaluation are the host's, and what other processes took of the processor is nobody's here (<see cref="OwnTime"/>).
/// </summary>
internal sealed class WorkerWatch : IAsyncDisposable
{
    /// <summary>The cooperative meter inside the worker gets this long to end the plugin first.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>All of the host's own work of a phase, in multiples of the plugin's seconds; a worker
    /// that is not believed cannot go on for ever.</summary>
    private const double MostHostShare = 100;

    private const double IdleShare = 0.001;

    /// <summary>What a player may call the host's own work after its plugin has begun: as much as it took to load, twice, and this.</summary>
    private static readonly TimeSpan LeastHostedInPlay = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LeastHostTime = TimeSpan.FromHours(2);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _exceeded = new();
    private readonly CancellationTokenSource _expired = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _state = new();
    private readonly ProcessTimes _times;
    private readonly GpuTimes? _gpu;
    private readonly Task _watching;
    private readonly int _processId;
    private readonly PhaseLimits _limits;
    private readonly bool _isPlayer;
    private PhaseStage _stage = PhaseStage.Loading;
    private TimeSpan _played;
    private TimeSpan _stoodStill;
    private TimeSpan _hosted;
    private TimeSpan _playingSinceLook;
    private TimeSpan _suspendedSinceLook;
    private TimeSpan _mostHostedInPlay = TimeSpan.MaxValue;
    private bool _isSuspended;
    private long _stageSince = TimeProvider.System.GetTimestamp();
    private long _lookedAt = TimeProvider.System.GetTimestamp();

    /// <param name="isPlayer">A stranger's code runs in it: from its first line on, what the process says that it does is that code's word.</param>
    /// <param name="usesGpu">What a GPU computes for it counts.</param>
    public WorkerWatch(int processId, PhaseLimits limits, bool isPlayer = false, bool usesGpu = false)
    {
        (_processId, _limits, _isPlayer, _times) = (processId, limits, isPlayer, new ProcessTimes(processId));
        _gpu = usesGpu ? GpuTimes.OfDriver() : null;
        _times.Look();
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Fires when the memory limit is passed.</summary>
    public CancellationToken Exceeded => _exceeded.Token;

    /// <summary>Fires when the plugin's seconds are over, or the host's own work stands still.</summary>
    public CancellationToken Expired => _expired.Token;

    public bool PluginOverran { get; private set; }

    /// <summary>Of all threads that were seen alive, since it watches.</summary>
    public double ProcessorSeconds { get; private set; }

    /// <summary>In which a GPU computed for it, whether it was stopped or not; 0 without one.</summary>
    public double GpuSeconds { get; private set; }

    /// <summary>The plugin's own, as its budget counts them; since the last look all that passed: a short phase has no look in it.</summary>
    public double PlayedSeconds
    {
        get
        {
            lock (_state)
            {
                NoteStage();
                return (_played + _playingSinceLook).TotalSeconds;
            }
        }
    }

    /// <summary>Largest resident memory seen, in MB.</summary>
    public double PeakMegabytes { get; private set; }

    /// <summary>The worker says what it does now.</summary>
    public void Enter(PhaseStage stage)
    {
        lock (_state)
        {
            if (stage == _stage) return;
            NoteStage();
            (_stage, _stoodStill) = (stage, TimeSpan.Zero);
            if (_isPlayer && stage == PhaseStage.Playing && _mostHostedInPlay == TimeSpan.MaxValue)
                _mostHostedInPlay = 2 * _hosted + LeastHostedInPlay;
        }
    }

    /// <summary>The process is stopped, or waits for its supervisor: nothing is charged, and standing still is no fault.</summary>
    public void Suspend()
    {
        lock (_state)
        {
            NoteStage();
            _isSuspended = true;
        }
    }

    public void Resume()
    {
        lock (_state)
        {
            NoteStage();
            (_isSuspended, _stoodStill) = (false, TimeSpan.Zero);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        _exceeded.Dispose();
        _expired.Dispose();
    }

    /// <summary>A watch that fails ends what it watched: nothing plays without one. The failure comes out where the watch is disposed of.</summary>
    private async Task WatchAsync()
    {
        try
        {
            await LookAsync();
        }
        catch
        {
            await _expired.CancelAsync();
            throw;
        }
    }

    private async Task LookAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            var resident = ProcessTree.ResidentMegabytes(_processId);
            PeakMegabytes = Math.Max(PeakMegabytes, resident);
            if (resident > _limits.MemoryMegabytes)
            {
                await _exceeded.CancelAsync();
                return;
            }

            if (IsOver())
            {
                await _expired.CancelAsync();
                return;
            }

            await Task.Delay(Interval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsOver()
    {
        var (processor, waited) = _times.Look();
        var gpu = _gpu?.Look(ProcessTree.WithDescendants(_processId)) ?? 0;
        lock (_state)
        {
            NoteStage();
            (ProcessorSeconds, GpuSeconds) = (ProcessorSeconds + processor.TotalSeconds, GpuSeconds + gpu);
            var now = TimeProvider.System.GetTimestamp();
            var wall = TimeProvider.System.GetElapsedTime(_lookedAt, now);
            var own = OwnTime.Of(wall, processor, waited, Environment.ProcessorCount);
            var playing = wall > TimeSpan.Zero ? own * (_playingSinceLook / wall) : TimeSpan.Zero;
            var hosted = wall > TimeSpan.Zero ? own * ((wall - _playingSinceLook - _suspendedSinceLook) / wall) : TimeSpan.Zero;
            (_played, _hosted) = _hosted > _mostHostedInPlay ? (_played + playing + hosted, _hosted) : (_played + playing, _hosted + hosted);
            (_lookedAt, _playingSinceLook, _suspendedSinceLook) = (now, TimeSpan.Zero, TimeSpan.Zero);
            PluginOverran = (_isPlayer || _stage == PhaseStage.Playing) && !_isSuspended
                && _played > TimeSpan.FromSeconds(_limits.WallSeconds) + Grace;
            _stoodStill = _stage != PhaseStage.Playing && !_isSuspended && processor < wall * IdleShare ? _stoodStill + own : TimeSpan.Zero;
            var mostHosted = TimeSpan.FromSeconds(Math.Max(LeastHostTime.TotalSeconds, MostHostShare * _limits.WallSeconds));
            return PluginOverran || _stoodStill > PhaseVerdict.HostStandstill || _hosted > mostHosted;
        }
    }

    /// <summary>What passed since the last change of stage, or the last look, belongs to the stage until now.</summary>
    private void NoteStage()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (_isSuspended) _suspendedSinceLook += TimeProvider.System.GetElapsedTime(_stageSince, now);
        else if (_stage == PhaseStage.Playing) _playingSinceLook += TimeProvider.System.GetElapsedTime(_stageSince, now);
        _stageSince = now;
    }
}
