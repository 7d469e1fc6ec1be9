using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Titer.Files;
using Titer.Plugins.Loading;
using Titer.Plugins.Metadata;

namespace Titer.Plugins;

/// <summary>
/// One load of one build of a plugin: shadow copy, collectible load context, container scope. Matches lease it; once retired it takes no new
/// leases and unloads when the last one ends. Thread-safe.
/// </summary>
public sealed class PluginGeneration : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ShadowCopy _copy;
    private readonly WeakReference _context;
    private readonly IReadOnlyList<string> _suspects;
    private LoadedPlugin? _loaded;
    private int _leases;
    private bool _retired;

    private PluginGeneration(PluginManifest manifest, ShadowCopy copy, LoadedPlugin loaded, IReadOnlyList<string> suspects) =>
        (Manifest, _copy, _loaded, _context, _suspects) = (manifest, copy, loaded, loaded.WeakContext(), suspects);

    public PluginManifest Manifest { get; }

    public bool IsRetired
    {
        get
        {
            lock (_lock) return _retired;
        }
    }

    public int Leases
    {
        get
        {
            lock (_lock) return _leases;
        }
    }

    /// <summary>Copies, loads and verifies a plugin that the gate accepted. Runs no code of the plugin but module initializers.</summary>
    /// <param name="root">The host's container.</param>
    /// <param name="shadowRoot">Writable scratch folder.</param>
    /// <param name="runs">Called before the first of the plugin's code may run; all before it is the host's own.</param>
    public static bool TryLoad(
        PluginRoot root, InstalledPlugin plugin, string shadowRoot,
        [NotNullWhen(true)] out PluginGeneration? generation, [NotNullWhen(false)] out PluginProblem? problem, Action? runs = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(plugin);
        generation = null;
        var (copy, copyProblem) = ShadowCopy.Of(plugin, shadowRoot);
        if (copy is null)
        {
            problem = copyProblem!;
            return false;
        }

        var path = Path.Combine(copy.Folder, Path.GetRelativePath(plugin.Folder, plugin.AssemblyPath));
        var (loaded, loadProblem) = LoadedPlugin.Open(root.Scope, plugin.Manifest, () => new McMasterAssembly(path), runs);
        if (loaded is null)
        {
            copy.Delete();
            problem = loadProblem!;
            return false;
        }

        problem = null;
        generation = new PluginGeneration(plugin.Manifest, copy, loaded, SuspectsIn(copy.Folder));
        return true;
    }

    /// <summary>Takes a lease unless the generation is retired.</summary>
    public bool TryLease([NotNullWhen(true)] out PluginLease? lease)
    {
        lock (_lock)
        {
            lease = _retired ? null : new PluginLease(this, _loaded!);
            if (lease is not null) _leases++;
            return lease is not null;
        }
    }

    /// <summary>Takes a lease.</summary>
    /// <exception cref="InvalidOperationException">The generation is retired.</exception>
    public PluginLease Lease() => TryLease(out var lease)
        ? lease
        : throw new InvalidOperationException(
            $"{PluginProblemCode.GenerationRetired} This build of '{Manifest.Id}' is retired. Lease the current generation.");

    /// <summary>No new leases; unloads now, or when the last lease ends.</summary>
    public void Retire()
    {
        LoadedPlugin? unload;
        lock (_lock)
        {
            _retired = true;
            unload = TakeIfIdle();
        }

        Unload(unload);
    }

    /// <inheritdoc cref="Retire"/>
    public void Dispose() => Retire();

    /// <summary>Whether the load context is gone from memory; collects up to <paramref name="collections"/>
    /// times. A generation that survives is leaked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool ProveUnloaded(int collections = 12)
    {
        for (var i = 0; i < collections && _context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !_context.IsAlive;
    }

    /// <summary>It was found in memory after its last lease ended and everything was collected.</summary>
    public bool IsLeaked { get; private set; }

    /// <summary>Marks the generation as leaked, and says what likely holds it.</summary>
    public PluginProblem Leak()
    {
        IsLeaked = true;
        var held = _suspects.Count == 0 ? "nothing in its reference tables is known to" : $"likely held by {string.Join(", or ", _suspects)}";
        return new PluginProblem(PluginProblemCode.GenerationLeaked,
            $"A retired build of '{Manifest.Id}' ({Manifest.ContentHash[..12]}) stays in memory: {held}.",
            "Stop, dispose or unsubscribe before the plugin's method returns, or in a Dispose of the plugin.");
    }

    internal void Release()
    {
        LoadedPlugin? unload;
        lock (_lock)
        {
            _leases--;
            unload = TakeIfIdle();
        }

        Unload(unload);
    }

    private static IReadOnlyList<string> SuspectsIn(string folder)
    {
        using var files = PluginFiles.Open(folder, null);
        return PinSuspects.In(files.Assemblies);
    }

    private LoadedPlugin? TakeIfIdle()
    {
        if (!_retired || _leases > 0) return null;
        var loaded = _loaded;
        _loaded = null;
        return loaded;
    }

    private void Unload(LoadedPlugin? loaded)
    {
        if (loaded is null) return;
        loaded.Dispose();
        _copy.Delete();
    }
}
