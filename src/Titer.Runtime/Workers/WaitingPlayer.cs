using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Workers;

/// <summary>
/// A player's process that was started before its phase was known: runtime and libraries are loaded, and nothing of a plugin, a defense or a
/// scenario is in it. It plays one phase. What that reads is put into a folder that the process sees and cannot write to.
/// </summary>
internal sealed class WaitingPlayer : IAsyncDisposable
{
    private const string PluginName = "plugin";
    private const string PartName = "part.json";

    private readonly WorkerStarter _starter;
    private readonly PlayerShape _shape;
    private readonly ScratchFolder _box;
    private readonly string _given;
    private readonly string _own;
    private readonly Task<WorkerProcess> _process;
    private bool _isDisposed;

    /// <param name="handOvers">Where its hand-over file lies, beside those of others.</param>
    public WaitingPlayer(WorkerStarter starter, PlayerShape shape, string handOvers, CancellationToken abort)
    {
        (_starter, _shape, _box) = (starter, shape, ScratchFolder.Create());
        try
        {
            _given = Directory.CreateDirectory(Path.Combine(_box.Path, "given")).FullName;
            _own = Directory.CreateDirectory(Path.Combine(_box.Path, "own")).FullName;
            HandOverFile = Path.Combine(handOvers, Guid.NewGuid().ToString("N"));
            File.Create(HandOverFile).Dispose();
        }
        catch
        {
            _box.Dispose();
            throw;
        }

        // Not on the thread of a phase that is about to play.
        _process = Task.Run(() => starter.StartAsync(shape, _own, [_given, .. shape.Models], [HandOverFile], abort),
            CancellationToken.None);
    }

    /// <summary>Its writable folder.</summary>
    public string OwnFolder => _own;

    /// <summary>The host's own, and empty. The process may write to it, and to nothing else of the folder.</summary>
    public string HandOverFile { get; }

    /// <summary>Whether a process for the order would be started in the same way, and this one is not gone.</summary>
    public bool Fits(PhaseOrder order) => PlayerShape.Of(order) == _shape && !_process.IsFaulted && !_process.IsCanceled
        && !(_process.IsCompletedSuccessfully && _process.Result.HasExited);

    /// <summary>The process, when it is up.</summary>
    /// <exception cref="WorkerStartException">It could not be started.</exception>
    public Task<WorkerProcess> ProcessAsync(CancellationToken abort) => _process.WaitAsync(abort);

    /// <summary>The order as the process can play it: what it reads lies where it sees it, what it writes goes where it may.</summary>
    /// <exception cref="IOException">The disk is full, or a file gone.</exception>
    public PhaseOrder Give(PhaseOrder order)
    {
        var player = order with { HandOverFile = HandOverFile, ScratchFolder = _own };
        return !_starter.IsSandboxed ? player : player with
        {
            ScenarioPartFile = GivenFile(order.ScenarioPartFile, PartName)!,
            WeightsFile = GivenFile(order.WeightsFile, "model.safetensors"),
            PluginFolder = GivenFolder(order.PluginFolder, PluginName),
            ThenPluginFolder = GivenFolder(order.ThenPluginFolder, "then"),
        };
    }

    /// <summary>A plugin that is not played but looked at: where the process sees its files, as it would see those of a phase.</summary>
    /// <exception cref="IOException">The disk is full, or a file gone.</exception>
    public string GivePlugin(string folder) => _starter.IsSandboxed ? GivenFolder(folder, PluginName)! : folder;

    /// <summary>What such a plugin's trials read, where a phase would read it.</summary>
    /// <inheritdoc cref="GivePlugin" path="/exception"/>
    public TrialOrder GiveTrials(TrialPhases trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var file = Path.Combine(_given, PartName);
        trials.Part.Write(file);
        return new TrialOrder(file, trials.Limits, HandOverFile);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        try
        {
            await (await _process).DisposeAsync();
        }
        catch (Exception e) when (e is WorkerStartException or OperationCanceledException or IOException)
        {
            // There is none.
        }

        File.Delete(HandOverFile);
        _box.Dispose();
    }

    private string? GivenFile(string? existing, string name)
    {
        if (existing is null) return null;
        var given = Path.Combine(_given, name);
        LinkedFile.Put(existing, given);
        return given;
    }

    private string? GivenFolder(string? existing, string name)
    {
        if (existing is null) return null;
        var given = Path.Combine(_given, name);
        LinkedFile.PutFolder(existing, given, ReadableFiles.Has);
        return given;
    }
}
