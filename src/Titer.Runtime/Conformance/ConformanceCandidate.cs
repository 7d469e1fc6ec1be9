using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Conformance;

/// <summary>The plugin under test: loaded from a folder, or a type of this process.</summary>
internal abstract class ConformanceCandidate : IDisposable
{
    public abstract PluginManifest Manifest { get; }

    /// <summary>Assemblies of the plugin alone; empty where they hold other code as well.</summary>
    public abstract IReadOnlyList<string> AssemblyFiles { get; }

    /// <summary>Makes the plugin with default options and drops it.</summary>
    /// <returns>Why it cannot be made; null when it can.</returns>
    public abstract PluginProblem? TryMake();

    /// <summary>A stage for one trial.</summary>
    public abstract PluginStage Open();

    /// <summary>The options record made of these texts, written as text again.</summary>
    /// <returns>The texts, or what its constructor threw.</returns>
    public abstract (IReadOnlyDictionary<string, string>? Texts, PluginFault? Fault) ReadBack(IReadOnlyDictionary<string, string> options);

    /// <summary>Loads the plugin once more, lets <paramref name="play"/> use it, and drops it.</summary>
    public abstract CheckAnswer Unload(Action<PluginStage> play);

    public abstract void Dispose();

    protected static (IReadOnlyDictionary<string, string>? Texts, PluginFault? Fault) ReadBack(Func<object?> bind)
    {
        IReadOnlyDictionary<string, string> texts = new Dictionary<string, string>();
        var fault = DedicatedThread.Run(() => texts = bind() is { } options ? OptionsBinder.Texts(options) : texts, "options",
            ConformanceTrial.Deadline);
        return fault is null ? (texts, null) : (null, fault);
    }
}

/// <summary>A plugin in its folder, as tournaments load it.</summary>
internal sealed class FolderCandidate : ConformanceCandidate
{
    private readonly ScratchFolder _scratch = ScratchFolder.Create();
    private readonly PluginRoot _root;
    private readonly InstalledPlugin _plugin;
    private readonly PluginGeneration? _generation;
    private readonly PluginProblem? _problem;

    public FolderCandidate(PluginRoot root, InstalledPlugin plugin)
    {
        (_root, _plugin) = (root, plugin);
        PluginGeneration.TryLoad(root, plugin, Sub("load"), out _generation, out _problem);
    }

    public override PluginManifest Manifest => _plugin.Manifest;

    public override IReadOnlyList<string> AssemblyFiles =>
        [.. Directory.EnumerateFiles(Path.GetDirectoryName(_plugin.AssemblyPath)!, "*.dll").Where(f => !HostFacts.IsShared(Path.GetFileName(f)))
            .Order(StringComparer.Ordinal)];

    public override PluginProblem? TryMake() => _generation is null ? _problem : PluginTrial.Of(_generation);

    public override PluginStage Open() => _generation is null ? PluginStage.Refused(_problem!) : PluginStage.On(_generation.Lease());

    public override (IReadOnlyDictionary<string, string>? Texts, PluginFault? Fault) ReadBack(IReadOnlyDictionary<string, string> options)
    {
        if (_generation is null) return (null, new PluginFault(_problem!.Code, _problem.Fact, "", false, false));
        using var lease = _generation.Lease();
        return ReadBack(() => lease.OptionsOf(options));
    }

    public override CheckAnswer Unload(Action<PluginStage> play)
    {
        if (!PluginGeneration.TryLoad(_root, _plugin, Sub("unload"), out var generation, out var problem)) return CheckAnswer.Skipped(problem.Fact);
        PlayOnce(generation, play);
        generation.Retire();
        if (generation.ProveUnloaded()) return CheckAnswer.Passed();
        var leak = generation.Leak();
        return CheckAnswer.Failed(leak.Fact, leak.Fix);
    }

    public override void Dispose()
    {
        _generation?.Dispose();
        _scratch.Dispose();
    }

    // A frame of its own: a local here would keep the plugin in memory.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void PlayOnce(PluginGeneration generation, Action<PluginStage> play)
    {
        using var stage = PluginStage.On(generation.Lease());
        play(stage);
    }

    private string Sub(string name) => Directory.CreateDirectory(Path.Combine(_scratch.Path, name)).FullName;
}

/// <summary>A plugin class that this process references as any other code.</summary>
/// <param name="make">Called once per trial.</param>
internal sealed class TypeCandidate(PluginManifest manifest, Type entry, Func<object> make) : ConformanceCandidate
{
    public override PluginManifest Manifest => manifest;

    public override IReadOnlyList<string> AssemblyFiles =>
        entry.Assembly.IsDefined(typeof(Sdk.TiterPluginAttribute), false) && entry.Assembly.Location.Length > 0 ? [entry.Assembly.Location] : [];

    public override PluginProblem? TryMake() => DedicatedThread.Run(() => make(), "trial", ConformanceTrial.Deadline) is { } fault
        ? new PluginProblem(PluginProblemCode.ConstructorThrew, $"The constructor of '{manifest.Id}' failed: {fault}",
            "Correct the plugin's constructor; it must return at once.")
        : null;

    public override PluginStage Open() => PluginStage.Of(manifest, make);

    public override (IReadOnlyDictionary<string, string>? Texts, PluginFault? Fault) ReadBack(IReadOnlyDictionary<string, string> options) =>
        ReadBack(() => TypeManifest.OptionsTypeOf(entry) is { } type ? OptionsBinder.Bind(type, options) : null);

    public override CheckAnswer Unload(Action<PluginStage> play) =>
        CheckAnswer.Skipped("The type is loaded with the tests. 'titer plugin validate' on its build proves it.");

    public override void Dispose()
    {
        // Nothing is held.
    }
}
