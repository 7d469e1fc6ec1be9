using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Watching;

namespace Titer.Runtime.Tests.Plugins.Watching;

/// <summary>Remembers what a slot said, as text only.</summary>
internal sealed class SlotRecorder : IPluginSlotObserver
{
    private readonly Lock _lock = new();
    private readonly List<string> _loaded = [];
    private readonly List<string> _refused = [];
    private readonly List<int> _unloaded = [];
    private readonly List<string> _leaked = [];

    /// <summary>Content hashes, in order.</summary>
    public IReadOnlyList<string> Builds => Copy(_loaded);

    public IReadOnlyList<string> Refusals => Copy(_refused);

    public IReadOnlyList<int> Gone => Copy(_unloaded);

    public IReadOnlyList<string> Leaks => Copy(_leaked);

    public void Loaded(int number, InstalledPlugin plugin, IReadOnlyList<PluginProblem> advice) => Add(_loaded, plugin.Manifest.ContentHash);

    public void Refused(PluginVerdict verdict) => Add(_refused, verdict.Problems[0].ToString());

    public void Unloaded(int number) => Add(_unloaded, number);

    public void Leaked(int number, PluginProblem problem) => Add(_leaked, problem.ToString());

    private void Add<T>(List<T> list, T item)
    {
        lock (_lock) list.Add(item);
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_lock) return [.. list];
    }
}
