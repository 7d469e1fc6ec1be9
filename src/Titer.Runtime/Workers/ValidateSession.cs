using Titer.Plugins;
using Titer.Runtime.Conformance;

namespace Titer.Runtime.Workers;

/// <summary>A validating worker's side: one plugin, one finding per check, as soon as it is there.</summary>
internal sealed class ValidateSession(WirePipe pipe, PluginRoot root)
{
    /// <summary>The process' exit code.</summary>
    public int Run(ValidateMessage order)
    {
        ArgumentNullException.ThrowIfNull(order);
        _ = SupervisorWatch.EndWithAsync(pipe);
        // The gate has accepted it in the host; it may have changed since.
        if (new PluginGate().Inspect(order.PluginPath).Plugin is not { } plugin) return 2;
        using var run = ConformanceRun.Of(root, plugin, order.Seed, order.Trials);
        foreach (var finding in run.AskAll()) pipe.Write(new FindingMessage(finding));
        return 0;
    }
}
