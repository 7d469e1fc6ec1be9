using Autofac;
using Titer.Runtime.Conformance;
using Titer.Runtime.Plugins;

namespace Titer.Runtime.Workers;

/// <summary>A validating worker's side: one plugin, one finding per check, as soon as it is there.</summary>
public sealed class ValidateSession(WirePipe pipe, ILifetimeScope root)
{
    /// <summary>The process' exit code.</summary>
    public async Task<int> RunAsync()
    {
        pipe.Write(new HelloMessage(WireMessage.CurrentVersion, Environment.ProcessId));
        if (await pipe.ReadAsync(CancellationToken.None) is not ValidateMessage order) return 2;
        _ = SupervisorWatch.EndWithAsync(pipe);
        // The gate has accepted it in the host; it may have changed since.
        if (new PluginGate().Inspect(order.PluginPath).Plugin is not { } plugin) return 2;
        using var run = ConformanceRun.Of(root, plugin, order.Seed);
        foreach (var finding in run.AskAll()) pipe.Write(new FindingMessage(finding));
        return 0;
    }
}

/// <summary>Sent by the supervisor of a validating worker, once.</summary>
public sealed record ValidateMessage(string PluginPath, ulong Seed) : WireMessage;

/// <summary>The answer to one check.</summary>
public sealed record FindingMessage(ConformanceFinding Finding) : WireMessage;
