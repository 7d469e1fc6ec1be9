using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// A player's process that was started before its phase was known: runtime and libraries are loaded, and nothing of a plugin, a defense or a
/// scenario is in it. It plays one phase. What that reads is put into a folder that the process sees and cannot write to.
/// </summary>
internal sealed class WaitingPlayer : IAsyncDisposable
{
    private readonly WorkerStarter _starter;
    private readonly PhaseOrder _like;
    private readonly ScratchFolder _box;
    private readonly string _given;
    private readonly string _own;
    private readonly Task<WorkerProcess> _process;
    private bool _isDisposed;

    /// <param name="like">Of the same device, limits and subject as what it will play.</param>
    /// <param name="handOvers">Where its hand-over file lies, beside those of others.</param>
    public WaitingPlayer(WorkerStarter starter, PhaseOrder like, string handOvers, CancellationToken abort)
    {
        (_starter, _like, _box) = (starter, like, ScratchFolder.Create());
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
        _process = Task.Run(() => starter.StartAsync(like, _own, [_given, .. Models(like)], [HandOverFile], abort),
            CancellationToken.None);
    }

    /// <summary>The host's own, and empty. The process may write to it, and to nothing else of the folder.</summary>
    public string HandOverFile { get; }

    /// <summary>Whether a process for the order would be started in the same way, and this one is not gone.</summary>
    public bool Fits(PhaseOrder order) =>
        (order.Device == "cpu") == (_like.Device == "cpu") && order.Limits.MemoryMegabytes == _like.Limits.MemoryMegabytes
        && Models(order).SequenceEqual(Models(_like))
        && !_process.IsFaulted && !_process.IsCanceled && !(_process.IsCompletedSuccessfully && _process.Result.HasExited);

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
            ScenarioPartFile = GivenFile(order.ScenarioPartFile, "part.json")!,
            WeightsFile = GivenFile(order.WeightsFile, "model.safetensors"),
            PluginFolder = GivenFolder(order.PluginFolder, "plugin"),
            ThenPluginFolder = GivenFolder(order.ThenPluginFolder, "then"),
        };
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

    /// <summary>What all phases of its kind see: large, and the same for the whole run.</summary>
    private static string?[] Models(PhaseOrder order) =>
        [order.SubjectFolder, order.AdapterFolder, order.Phase.Kind == PhaseKind.Attack ? order.ParentFolder : null];

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
        LinkedFile.PutFolder(existing, given);
        return given;
    }
}
