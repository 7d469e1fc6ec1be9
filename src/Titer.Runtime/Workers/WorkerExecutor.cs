using System.Collections.Concurrent;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Plays phases in processes of their own and supervises them: whatever a plugin does there, the answer is a <see cref="PhaseResult"/>. A
/// stranger's plugin gets a new process for every phase. Phases that run nothing but the host's own code follow one another in a process:
/// starting one and loading libtorch costs more than such a phase itself.
/// </summary>
/// <param name="runFolder">What shared workers read beside their inputs: defended weights and pinned
/// plugins. Null: a new process for every phase.</param>
/// <param name="startsAhead">Whether a stranger's process is started while the one before it plays; it takes processor time from that.</param>
internal sealed class WorkerExecutor(string workerDll, WorkerProtection protection, string? runFolder = null, bool startsAhead = true)
    : IPhaseExecutor, IAsyncDisposable
{
    /// <summary>How often a worker must be ended by a signal until it counts as the plugin's own doing.</summary>
    private const int MostTries = 3;

    private readonly ConcurrentBag<SharedWorker> _idle = [];
    private readonly MetricWorkers _metrics = new(workerDll, protection);
    private readonly PlayerPool _players = new(new WorkerStarter(workerDll, protection), startsAhead);

    /// <summary>Of ordinary training on the subject, by device: this executor's run has one subject.</summary>
    private readonly ConcurrentDictionary<string, double> _secondsPerStep = new(StringComparer.Ordinal);

    /// <summary>Worker processes so far.</summary>
    public int ProcessesStarted => _players.Starter.Started;

    public async Task<PhaseResult> ExecuteAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        var started = TimeProvider.System.GetTimestamp();
        // A waiting worker does not see the folders of checkpoints that enter.
        var play = order is { RunsOnlyHostCode: true, CheckpointFolder: null } && runFolder is not null
            ? await PlaySharedAsync(order, events, abort)
            : await PlayAloneAsync(order, events, abort);
        return play.Result with
        {
            WallSeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            PeakMemoryMegabytes = play.PeakMegabytes,
            // The host's word, whatever the worker says.
            Environment = play.Result.Environment is { } environment ? environment with { Walls = protection.Walls } : null,
        };
    }

    /// <summary>Ends the workers that wait for a phase, players among them, and those of metrics.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var worker)) await worker.DisposeAsync();
        await _players.DisposeAsync();
        await _metrics.DisposeAsync();
    }

    /// <summary>A stranger's: played in a process that has nothing to forge, measured in one that it never was in.</summary>
    private async Task<SupervisedPhase> PlayApartAsync(PhaseOrder order, IPhaseEvents events, int tries, CancellationToken abort)
    {
        await using var player = _players.Take(order);
        var shared = await TakeSharedAsync(order with { ScenarioPartFile = order.MeasurementPartFile! }, abort);
        try
        {
            var known = _secondsPerStep.TryGetValue(order.Device, out var speed) ? speed : (double?)null;
            // What a program computes is not held against steps that are its own word.
            var measuring =
                order with { Program = null, MeasuresSpeed = known is null && order.Program is null, HandOverFile = player.HandOverFile };
            var measurer = MeasuringWorker.Begin(shared, measuring, _metrics, events, abort);
            SupervisedPhase played, measured;
            try
            {
                played = await PlayerAsync(order, player, measurer, known, events, tries, abort);
            }
            finally
            {
                measured = await measurer.EndAsync();
            }

            if (measurer.SecondsPerStep is { } seconds) _secondsPerStep.TryAdd(order.Device, seconds);

            if (measured.EndedFromOutside is { } signaled)
                throw new MachineFaultException(MachineFaultException.HostWorkCode,
                    $"The worker that measures was ended by signal {signaled - 128}, and no plugin runs in it. See what ends processes here, "
                        + "then start the run again.");
            if (measured.IsAnswered && shared.HasRoom && runFolder is not null)
            {
                _idle.Add(shared);
                shared = null;
            }

            var joined = JoinedResult.Of(order, played.Result, measured.Result);
            return played with { Result = joined with { ProcessorSeconds = played.Result.ProcessorSeconds } };
        }
        finally
        {
            if (shared is not null) await shared.DisposeAsync();
        }
    }

    private async Task<SupervisedPhase> PlayerAsync(
        PhaseOrder order, WaitingPlayer waiting, MeasuringWorker measurer, double? speed, IPhaseEvents events, int tries,
        CancellationToken abort)
    {
        // Whatever still runs in it takes a processor from those who measure.
        await using var ended = waiting;
        var worker = await waiting.ProcessAsync(abort);
        var player = waiting.Give(order.ForPlayer() with
        {
            OutputWeightsFile = null,
            OutputSamplesFile = null,
            EarlyStopping = null,
            ReferenceUtility = null,
        });
        var role = new PlayerRole(player, measurer, speed);
        var play = await SupervisedPhase.OfAsync(worker, player, _metrics, events, tries, abort, role);
        return play with
        {
            Result = (await role.JudgedAsync(play.Result)) with { ProcessorSeconds = role.Seconds },
            IsClaim = MachineDoctor.IsClaim(player, play.Result),
        };
    }

    private static string?[] InputsOf(PhaseOrder order) =>
    [
        order.ScenarioPartFile, order.MeasurementPartFile, order.SubjectFolder, order.AdapterFolder, order.PluginFolder, order.ThenPluginFolder,
        order.WeightsFile, order.CheckpointFolder, order.Phase.Kind == PhaseKind.Attack ? order.ParentFolder : null, .. order.JudgePaths,
        order.VerdictsFolder,
        order.Program?.Folder, .. order.Program?.Reads ?? [],
    ];

    /// <summary>In a new process. One that was ended from outside is tried again: only what happens every time is the plugin's own doing.</summary>
    private async Task<SupervisedPhase> PlayAloneAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        for (var tries = 1; ; tries++)
        {
            var outOfMemory = SystemMemory.Kills();
            var play = order.RunsOnlyHostCode ? await PlayWholeAsync(order, events, tries, abort)
                : order is { Program: not null, Phase.Kind: PhaseKind.Defend } ? await PlayProgramAsync(order, events, tries, abort)
                : await PlayApartAsync(order, events, tries, abort);
            // A program has no clock of the host's in it: its seconds are those of the watch.
            if (order.Program is not null && play.Result.Spent is { } spent)
                play = play with { Result = play.Result with { Spent = spent with { WallSeconds = play.PlayedSeconds } } };
            if (play is { EndedFromOutside: null, IsClaim: false }) return play;
            abort.ThrowIfCancellationRequested();
            if (tries >= MostTries)
            {
                return play.IsClaim || SystemMemory.Kills() == outOfMemory ? play : throw new MachineFaultException(MachineFaultException.MemoryCode,
                    "The system ran out of memory and killed a worker that was within its own limit. Use fewer lanes (--lanes), smaller limits "
                        + "(megabytes), or a machine with more memory.");
            }

            StubbornFolder.Empty(order.ScratchFolder);
        }
    }

    private async Task<SupervisedPhase> PlayWholeAsync(PhaseOrder order, IPhaseEvents events, int tries, CancellationToken abort)
    {
        await using var worker = await _players.Starter.StartAsync(PlayerShape.Of(order), order.ScratchFolder, InputsOf(order), [], abort);
        return await SupervisedPhase.OfAsync(worker, order, _metrics, events, tries, abort);
    }

    /// <summary>A program that entered: as a player it sees its own part alone, and what it leaves is a file that the host looks at.</summary>
    private async Task<SupervisedPhase> PlayProgramAsync(PhaseOrder order, IPhaseEvents events, int tries, CancellationToken abort)
    {
        var player = order.ForPlayer();
        await using var worker =
            await _players.Starter.StartAsync(PlayerShape.Of(player), player.ScratchFolder, InputsOf(player), [], abort);
        var role = new ProgramRole(player);
        var play = await SupervisedPhase.OfAsync(worker, player, _metrics, events, tries, abort, role);
        return play with
        {
            Result = play.Result with { ProcessorSeconds = role.Seconds },
            IsClaim = MachineDoctor.IsClaim(player, play.Result),
        };
    }

    private async Task<SupervisedPhase> PlaySharedAsync(PhaseOrder order, IPhaseEvents events, CancellationToken abort)
    {
        var worker = Idle(order);
        var isFresh = worker is null;
        worker ??= await StartSharedAsync(order, abort);
        try
        {
            var play = await worker.PlayAsync(order, _metrics, events, abort);
            if (play.IsAnswered && worker.HasRoom)
            {
                _idle.Add(worker);
                worker = null;
            }

            // What earlier phases left behind must not be a later one's end.
            if (play.EndedFromOutside is null && (isFresh || play.Result.Code is not (PhaseVerdict.CrashCode or PhaseVerdict.OutOfMemoryCode)))
                return play;
        }
        finally
        {
            if (worker is not null) await worker.DisposeAsync();
        }

        return await PlayAloneAsync(order, events, abort);
    }

    /// <summary>A waiting worker of the same device and limits; others are ended.</summary>
    private SharedWorker? Idle(PhaseOrder order)
    {
        var unfit = new List<SharedWorker>();
        SharedWorker? found = null;
        while (found is null && _idle.TryTake(out var worker))
        {
            if (worker.Fits(order)) found = worker;
            else unfit.Add(worker);
        }

        foreach (var worker in unfit) _idle.Add(worker);
        return found;
    }

    private async Task<SharedWorker> TakeSharedAsync(PhaseOrder order, CancellationToken abort) =>
        Idle(order) ?? await StartSharedAsync(order, abort);

    private async Task<SharedWorker> StartSharedAsync(PhaseOrder order, CancellationToken abort)
    {
        var scratch = ScratchFolder.Create();
        try
        {
            string?[] inputs = [Path.GetDirectoryName(order.ScenarioPartFile), order.SubjectFolder, order.AdapterFolder, order.ParentFolder,
                runFolder, order.WeightsFile, _players.HandOverFolder, .. order.JudgePaths, order.VerdictsFolder];
            return new SharedWorker(await _players.Starter.StartAsync(PlayerShape.Of(order), scratch.Path, inputs, [], abort), scratch, order);
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }
}
