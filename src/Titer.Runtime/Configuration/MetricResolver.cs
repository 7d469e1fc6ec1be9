using System.Collections.Immutable;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>What scores a tournament.</summary>
/// <param name="Choices">By role, options canonical.</param>
/// <param name="Scoring">Those of them that the scenario's hash does not cover.</param>
/// <param name="Folders">Of the plugins, by id.</param>
/// <param name="Judge">The judge model that scores harm, with its check; null where none does.</param>
internal sealed record ResolvedMetrics(
    MetricChoices Choices, IReadOnlyList<ScoringMetric> Scoring, IReadOnlyDictionary<string, string> Folders, HarmJudge? Judge);

/// <summary>
/// Which metrics score: the tournament's where it names some, else the scenario's. A name that is none of the host's own is a plugin's, and is
/// held against the catalog as an entrant's is. Every problem is a <see cref="ConfigurationException"/>.
/// </summary>
internal sealed class MetricResolver(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, Scenario scenario)
{
    private readonly EntrantResolver _entrants = new(file, catalog, quarantine, scenario);
    private readonly EntrantResolver _ofScenario = new(file with { Path = scenario.Source }, catalog, quarantine, scenario);
    private readonly List<ScoringMetric> _scoring = [];
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    public ResolvedMetrics Resolve()
    {
        var own = scenario.Metrics;
        MetricChoice One(MetricRole role, MetricChoice ofScenario) => Chosen(role, [ofScenario])[0];
        var choices = new MetricChoices(One(MetricRole.Harm, own.Harm), One(MetricRole.Utility, own.Utility),
            One(MetricRole.Coherence, own.Coherence), Chosen(MetricRole.Also, own.Also));
        return new ResolvedMetrics(choices, _scoring, _folders, Judge(choices.Harm));
    }

    private IReadOnlyList<MetricChoice> Chosen(MetricRole role, IReadOnlyList<MetricChoice> ofScenario)
    {
        MetricEntry[] named = [.. (file.Metrics ?? []).Where(m => m.Role == role)];
        return named.Length > 0 ? [.. named.Select(m => Named(m, _entrants, isOfScenario: false))]
            : [.. ofScenario.Select(m => Named(MetricEntry.Of(role, m.Id, m.Options), _ofScenario, isOfScenario: true))];
    }

    private MetricChoice Named(MetricEntry entry, EntrantResolver entrants, bool isOfScenario)
    {
        var choice = new MetricChoice(entry.Id.Value, entry.Set.ToDictionary(s => s.Key, s => s.Value.Value));
        if (choice.IsBuiltIn)
        {
            if (isOfScenario) return choice;
            choice = Checked(entry, choice);
            var identity = choice.IsJudge ? JudgePanel.Identity(choice.Options) : choice.Options;
            _scoring.Add(
                new ScoringMetric { Role = entry.Role, Id = choice.Id, Options = identity.ToImmutableSortedDictionary(), ContentHash = "" });
            return choice;
        }

        var plugin = entrants.Find(entry.Id, PluginKind.Metric);
        if (quarantine.Find(plugin.Manifest.Id, plugin.Manifest.ContentHash) is { } aside)
        {
            var refusal = QuarantineRefusal.Of(aside);
            throw new ConfigurationException($"{refusal.Code} The metric '{plugin.Manifest.Id}' cannot score. {refusal.Reason}");
        }

        var options = entry.Set.ToImmutableSortedDictionary(s => s.Key, s => entrants.Canonical(plugin, s.Key, s.Value));
        _folders[plugin.Manifest.Id] = plugin.Folder;
        _scoring.Add(new ScoringMetric { Role = entry.Role, Id = plugin.Manifest.Id, Options = options, ContentHash = plugin.Manifest.ContentHash });
        return new MetricChoice(plugin.Manifest.Id, options);
    }

    private HarmJudge? Judge(MetricChoice harm)
    {
        try
        {
            return HumanCheckFile.Of(harm);
        }
        catch (ScenarioException e)
        {
            var entry = file.Metrics?.FirstOrDefault(m => m.Role == MetricRole.Harm);
            throw new ConfigurationException(entry is null ? scenario.Source : file.Path, entry?.Id.Line ?? 0, entry?.Id.Column ?? 0, e.Message);
        }
    }

    /// <summary>The tournament's own; the scenario's were checked when it was read.</summary>
    private MetricChoice Checked(MetricEntry entry, MetricChoice choice)
    {
        try
        {
            choice.Check(entry.Role is MetricRole.Harm or MetricRole.Also);
            return JudgePanel.Located(choice, file.FullPath("."));
        }
        catch (ScenarioException e)
        {
            throw new ConfigurationException(file.Path, entry.Id.Line, entry.Id.Column, e.Message);
        }
    }
}
