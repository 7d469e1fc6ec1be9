using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>What scores a stored run when it is judged again: the metrics that it was played with, and those asked for in their place.</summary>
/// <param name="Scenario">With these metrics.</param>
/// <param name="Plugins">Those of them that are plugins.</param>
internal sealed record RunMetrics(Scenario Scenario, IReadOnlyList<MetricOrder> Plugins)
{
    /// <summary>Of a scenario that nobody played yet.</summary>
    /// <exception cref="ConfigurationException">There is no such metric, or not these options.</exception>
    public static RunMetrics Of(Scenario scenario, PluginCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var resolved = new MetricResolver(TournamentFile.Default, catalog, Quarantine.Empty, scenario).Resolve();
        return new RunMetrics(scenario.WithMetrics(resolved.Choices), RunAssets.Orders(resolved.Scoring, resolved.Folders, null));
    }

    /// <summary>Which of <see cref="Plugins"/> a scenario means; null when it is none of them.</summary>
    public int? NumberOf(MetricChoice choice)
    {
        for (var i = 0; i < Plugins.Count; i++) if (Plugins[i].Is(choice)) return i;
        return null;
    }

    /// <param name="catalog">Where plugins are looked for; the run's own builds are those that it keeps.</param>
    /// <param name="asked">In place of the run's, by role.</param>
    /// <exception cref="ConfigurationException">There is no such metric, or not these options.</exception>
    public static RunMetrics Of(RunFolder folder, TournamentSpec spec, Scenario scenario, PluginCatalog catalog, IReadOnlyList<MetricEntry> asked)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(asked);
        foreach (var metric in spec.Metrics.Where(m => m.IsPlugin && !(catalog.Plugins.ContainsKey(m.Id) && asked.Any(a => a.Id.Value == m.Id))))
        {
            if (new PluginGate().Inspect(folder.PluginFolder(metric.Id, metric.ContentHash)).Plugin is { } kept
                && kept.Manifest.ContentHash == metric.ContentHash)
                catalog = catalog.With(kept);
        }

        var played = spec.Metrics.Where(m => asked.All(a => a.Role != m.Role))
            .Select(m => MetricEntry.Of(m.Role, m.Id, m.Options));
        var resolved = new MetricResolver(TournamentFile.Default with { Metrics = [.. asked, .. played] }, catalog, Quarantine.Empty, scenario)
            .Resolve();
        return new RunMetrics(scenario.WithMetrics(resolved.Choices), RunAssets.Orders(resolved.Scoring, resolved.Folders, spec.MetricLimits));
    }
}
