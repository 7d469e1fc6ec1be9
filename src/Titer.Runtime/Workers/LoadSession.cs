using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;

namespace Titer.Runtime.Workers;

/// <summary>A worker that loads plugins one after the other, makes each with default options, unloads it, and proves that it is gone.</summary>
internal sealed class LoadSession(WirePipe pipe, PluginRoot root)
{
    /// <summary>The process' exit code.</summary>
    public int Run(LoadMessage order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var (folders, scratch) = order;
        _ = SupervisorWatch.EndWithAsync(pipe);
        NativeTorch.EnsureLoaded();
        foreach (var folder in folders)
        {
            pipe.Write(new LoadingMessage(folder));
            pipe.Write(Load(folder, scratch));
        }

        return 0;
    }

    private LoadedMessage Load(string folder, string scratch)
    {
        var verdict = new PluginGate().Inspect(folder);
        if (verdict.Plugin is not { } plugin) return new LoadedMessage(folder, PluginState.Refused, verdict.Errors.First().ToString());
        if (!PluginGeneration.TryLoad(root, plugin, scratch, out var generation, out var problem))
            return new LoadedMessage(folder, PluginState.Refused, problem.ToString());
        var failure = PluginTrial.Of(generation);
        generation.Retire();
        if (failure is not null) return new LoadedMessage(folder, PluginState.Refused, failure.ToString());
        return generation.ProveUnloaded()
            ? new LoadedMessage(folder, PluginState.Loaded, null)
            : new LoadedMessage(folder, PluginState.Leaked, generation.Leak().ToString());
    }
}
