using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>
/// Whoever did not come with titer. Their code runs behind walls that were tried a moment ago, or where the operator said that it may do
/// without: one rule for every verb that plays or loads it.
/// </summary>
internal static class Strangers
{
    private const int MostNamed = 3;

    /// <summary>Of those that were found.</summary>
    public static string[] In(PluginCatalog catalog, IEnumerable<string> ids)
    {
        var bundled = catalog.HashesIn(TournamentOptions.BundledPlugins);
        return [.. ids.Distinct().Where(id => catalog.Plugins.TryGetValue(id, out var p) && !bundled.Contains(p.Manifest.ContentHash))];
    }

    /// <returns>What was tried, for people; null where no walls are needed.</returns>
    /// <exception cref="WorkerProtectionException">There are none, or they do not hold.</exception>
    /// <param name="onlyMetrics">The rest is played elsewhere, and asked for there.</param>
    public static Task<string?> WallsAsync(TournamentSpec spec, WorkerProtection protection, SandboxMode mode, bool onlyMetrics = false) =>
        WallsAsync(
        [
            .. spec.Defenses.Concat(spec.Attacks).Where(e => !onlyMetrics && e is { IsForeign: true, Refusal: null }).Select(e => e.Id)
                .Concat(spec.Metrics.Where(m => m.IsPlugin).Select(m => m.Id)).Distinct(),
        ],
        protection, mode, spec.Device != "cpu");

    /// <summary>Metrics that are asked outside of a tournament: under the same rule, and the same policy.</summary>
    /// <exception cref="ConfigurationException">The operator's policy does not accept one.</exception>
    /// <inheritdoc cref="WallsAsync(TournamentSpec, WorkerProtection, SandboxMode, bool)"/>
    public static Task<string?> WallsAsync(IReadOnlyList<MetricOrder> metrics, WorkerProtection protection, SandboxMode mode)
    {
        var own = metrics.Count == 0 ? null
            : PluginCatalog.Scan([TournamentOptions.BundledPlugins]).HashesIn(TournamentOptions.BundledPlugins);
        var strangers = metrics.Where(m => own?.Contains(m.ContentHash) == false).DistinctBy(m => m.Id).ToArray();
        if (strangers.Length > 0 && PolicyOption.OfHome() is { } policy)
        {
            var gate = new PluginGate(policy);
            if (strangers.SelectMany(m => gate.Inspect(m.Folder).Errors).FirstOrDefault() is { } refused)
                throw new ConfigurationException(refused.ToString());
        }

        return WallsAsync([.. strangers.Select(m => m.Id)], protection, mode, usesGpu: false);
    }

    /// <inheritdoc cref="WallsAsync(TournamentSpec, WorkerProtection, SandboxMode, bool)"/>
    public static async Task<string?> WallsAsync(IReadOnlyList<string> strangers, WorkerProtection protection, SandboxMode mode, bool usesGpu)
    {
        if (strangers.Count == 0 || mode == SandboxMode.Off) return null;
        var more = strangers.Count > MostNamed ? $" and {strangers.Count - MostNamed} more" : "";
        return await ProvenAsync($"TITER624 {string.Join(", ", strangers.Take(MostNamed))}{more} did not come with titer", protection, usesGpu);
    }

    /// <param name="who">Code and fact, up to the comma, for the refusal where there are no walls.</param>
    /// <returns>What was tried, for people.</returns>
    /// <exception cref="WorkerProtectionException">There are none, or they do not hold.</exception>
    public static async Task<string> ProvenAsync(string who, WorkerProtection protection, bool usesGpu)
    {
        if (!protection.IsSandboxed)
            throw new WorkerProtectionException($"{who}, and there is no sandbox to play them in. {protection.SandboxText} Install bubblewrap "
                + "(apt-get install bubblewrap) and allow user namespaces, or say --sandbox off: then they can do what you can.");
        var proof = await WallCheck.ProveAsync(WorkerProgram.Dll, protection, usesGpu, CancellationToken.None);
        // Refused without it, people would say --sandbox off, which is no wall at all.
        if (protection.LandlockAbi is not null)
            await Console.Error.WriteLineAsync("TITER280 Strangers' plugins play behind Landlock and a filter of system calls, which is weaker than "
                + "bubblewrap: they see which files there are and how large, which processes run, and are kept from both by rules instead of by not "
                + "being there. Install bubblewrap (apt-get install bubblewrap) and allow user namespaces; --sandbox on demands it.");
        return proof;
    }
}
