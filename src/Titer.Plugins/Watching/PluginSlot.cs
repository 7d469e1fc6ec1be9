using Titer.Files;
using Titer.Plugins.Packaging;

namespace Titer.Plugins.Watching;

/// <summary>Hears what becomes of a watched plugin. Called from one thread at a time; must not keep generations.</summary>
public interface IPluginSlotObserver
{
    /// <summary>A new build is proven and will be leased from now on.</summary>
    /// <param name="number">1 for the first.</param>
    void Loaded(int number, InstalledPlugin plugin, IReadOnlyList<PluginProblem> advice);

    /// <summary>A new build was refused; the one before stays.</summary>
    void Refused(PluginVerdict verdict);

    /// <summary>A retired build is gone from memory.</summary>
    void Unloaded(int number);

    /// <summary>A retired build stays in memory.</summary>
    void Leaked(int number, PluginProblem problem);
}

/// <summary>
/// One watched plugin. A new build is gated, loaded and tried before it replaces the one that plays; matches under way finish on the
/// generation that they leased; a retired generation is proven to be gone, or named as leaked with what likely holds it. Thread-safe.
/// </summary>
public sealed class PluginSlot : IDisposable
{
    /// <summary>A change without an assembly is most likely the beginning of a build: its other files come later.</summary>
    private static readonly TimeSpan BuildTime = TimeSpan.FromSeconds(2);

    private readonly Lock _refreshing = new();
    private readonly Lock _publishing = new();
    private readonly PluginRoot _root;
    private readonly string _path;
    private readonly string _shadowRoot;
    private readonly PluginGate _gate;
    private readonly IPluginSlotObserver _observer;
    private readonly List<(int Number, PluginGeneration Generation)> _retired = [];
    private readonly FolderWatch? _watch;
    private PluginGeneration? _current;
    private string _seenHash = "";
    private string _seenAssemblies = "";
    private string _postponedHash = "";
    private int _generations;

    /// <param name="path">The plugin's folder, or its dll.</param>
    /// <param name="shadowRoot">Writable scratch folder.</param>
    /// <param name="watch">False: only <see cref="Refresh"/> looks.</param>
    /// <param name="skipContentHash">A build that is not to be loaded: it took the process before this one down.</param>
    public PluginSlot(PluginRoot root, string path, string shadowRoot, PluginGate gate, IPluginSlotObserver observer, bool watch = true,
        string? skipContentHash = null)
    {
        (_root, _path, _shadowRoot, _gate, _observer) = (root, path, shadowRoot, gate, observer);
        _seenHash = skipContentHash ?? "";
        _watch = watch ? new FolderWatch(File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path, Refresh) : null;
        Refresh();
    }

    /// <summary>The build that the next lease gets; null before the first one was accepted.</summary>
    public PluginManifest? Manifest
    {
        get
        {
            lock (_publishing) return _current?.Manifest;
        }
    }

    /// <summary>Builds that were loaded so far.</summary>
    public int Generations => _generations;

    /// <summary>Retired builds that are still in memory, leaked ones included.</summary>
    public int Retired
    {
        get
        {
            lock (_retired) return _retired.Count;
        }
    }

    /// <summary>Leases the current build; null before there is one.</summary>
    public PluginLease? Lease()
    {
        while (true)
        {
            PluginGeneration? current;
            lock (_publishing) current = _current;
            if (current is null) return null;
            // Retired in between: there is a newer one.
            if (current.TryLease(out var lease)) return lease;
        }
    }

    /// <summary>Looks at the folder; loads what is new in it.</summary>
    public void Refresh()
    {
        lock (_refreshing)
        {
            if (HashOf() is not { } hash)
            {
                // Files come and go while it is being read: wait for the end of it.
                _watch?.Again(FolderWatch.SettleTime);
                return;
            }

            if (hash.All == _seenHash) return;
            if (_watch is not null && _current is not null && hash.Assemblies == _seenAssemblies && hash.All != _postponedHash)
            {
                _postponedHash = hash.All;
                _watch.Again(BuildTime);
                return;
            }

            (_seenHash, _seenAssemblies) = (hash.All, hash.Assemblies);
            Take();
        }

        Prove();
    }

    /// <summary>Proves retired builds gone whose last lease has ended. Call it with no plugin code on the stack.</summary>
    public void Prove()
    {
        lock (_retired)
        {
            foreach (var (number, generation) in _retired.Where(r => r.Generation.Leases == 0 && !r.Generation.IsLeaked).ToArray())
            {
                if (generation.ProveUnloaded())
                {
                    _retired.RemoveAll(r => r.Number == number);
                    _observer.Unloaded(number);
                }
                else
                {
                    _observer.Leaked(number, generation.Leak());
                }
            }
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        lock (_refreshing)
        {
            Replace(null);
        }

        Prove();
    }

    private void Take()
    {
        var verdict = _gate.Inspect(_path);
        if (verdict.Plugin is not { } plugin)
        {
            _observer.Refused(verdict);
            return;
        }

        if (!PluginGeneration.TryLoad(_root, plugin, _shadowRoot, out var generation, out var problem))
        {
            if (problem.Code == PluginProblemCode.FilesChanged && _watch is not null)
            {
                _seenHash = "";
                _watch.Again(FolderWatch.SettleTime);
                return;
            }

            _observer.Refused(verdict with { Plugin = null, Problems = [problem] });
            return;
        }

        if (PluginTrial.Of(generation) is { } failure)
        {
            generation.Retire();
            lock (_retired) _retired.Add((0, generation));
            _observer.Refused(verdict with { Plugin = null, Problems = [failure] });
            return;
        }

        Replace(generation);
        _observer.Loaded(_generations, plugin, [.. verdict.Advice]);
    }

    private void Replace(PluginGeneration? generation)
    {
        PluginGeneration? old;
        lock (_publishing)
        {
            (old, _current) = (_current, generation);
            if (old is not null)
            {
                lock (_retired) _retired.Add((_generations, old));
            }

            if (generation is not null) _generations++;
        }

        old?.Retire();
    }

    private (string All, string Assemblies)? HashOf()
    {
        var folder = File.Exists(_path) ? Path.GetDirectoryName(Path.GetFullPath(_path))! : _path;
        try
        {
            return (ContentHash.OfFolder(folder, limits: PackageLimits.Folder), ContentHash.OfFolder(folder, ".dll", PackageLimits.Folder));
        }
        catch (DirectoryNotFoundException)
        {
            return ("missing", "missing");
        }
        catch (PlainFolderException e)
        {
            // The gate says it once, and again when something else is wrong.
            return (e.Message, e.Message);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
