using System.Collections.Immutable;
using Titer.Runtime.Play;
using Titer.Runtime.Plugins;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>What the command line may override.</summary>
public sealed record RunOverrides
{
    public IReadOnlyList<int>? Seeds { get; init; }

    /// <summary>Plugin ids to keep; baselines always stay.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The long-horizon tier: the scenario's full attack budget.</summary>
    public bool Full { get; init; }
}

/// <summary>A tournament that can be played: what it is, and where its parts lie.</summary>
public sealed record ResolvedTournament(TournamentSpec Spec, RunAssets Assets);

/// <summary>
/// Turns a tournament file into a spec: fills in defaults, finds plugins, checks their options against their schemas, expands sweeps, and
/// adds the baselines that every tournament needs. Every problem is a <see cref="ConfigurationException"/> with its place in the file.
/// </summary>
public sealed class TournamentResolver(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, string hostVersion)
{
    private const string BaselineDefense = "no_defense";
    private const string ControlAttack = "no_weight_modification";

    /// <summary>Steps of one fine-tuning batch in the field's usual setting; the default samples limit is steps times this.</summary>
    private const int SamplesPerStep = 16;

    public ResolvedTournament Resolve(RunOverrides overrides)
    {
        var scenario = OpenScenario();
        var budgets = scenario.Budgets;
        var defenses = Entrants(file.Defenses, PluginKind.Defense, BaselineDefense, overrides.Only);
        var attacks = Entrants(file.Attacks, PluginKind.Attack, ControlAttack, overrides.Only);
        var attackSteps = file.Attack.Steps ?? (overrides.Full ? budgets.FullAttackSteps : budgets.AttackSteps);
        var spec = new TournamentSpec
        {
            Name = file.Name ?? scenario.Id,
            Scenario = scenario.Id,
            ScenarioHash = scenario.Hash,
            HostVersion = hostVersion,
            Device = overrides.Device,
            Seeds = overrides.Seeds ?? file.Seeds ?? scenario.Seeds,
            AttackLimits = new PhaseLimits
            {
                Steps = attackSteps,
                Samples = file.Attack.Samples ?? (long)attackSteps * SamplesPerStep,
                WallSeconds = file.Attack.Seconds ?? budgets.AttackSeconds,
                MemoryMegabytes = file.Attack.Megabytes ?? budgets.WorkerMegabytes,
            },
            DefenseLimits = new PhaseLimits
            {
                Steps = file.Defense.Steps ?? budgets.DefenseSteps,
                Samples = file.Defense.Samples,
                WallSeconds = file.Defense.Seconds ?? budgets.DefenseSeconds,
                MemoryMegabytes = file.Defense.Megabytes ?? budgets.WorkerMegabytes,
            },
            TrainabilityLimits = new PhaseLimits { Steps = scenario.Trainability.Steps, WallSeconds = budgets.AttackSeconds, MemoryMegabytes = budgets.WorkerMegabytes },
            Thresholds = scenario.ToThresholds(),
            Defenses = [.. defenses.Select(d => d.Entrant)],
            Attacks = [.. attacks.Select(a => a.Entrant)],
        };
        return new ResolvedTournament(spec, new RunAssets
        {
            Scenario = scenario,
            DefenseFolders = Folders(defenses),
            AttackFolders = Folders(attacks),
        });
    }

    private Scenario OpenScenario()
    {
        var name = file.Scenario?.Value ?? "apothecary";
        if (file.Path is not null && name.IndexOfAny(['/', '\\', '.']) >= 0)
            name = Path.GetFullPath(name, Path.GetDirectoryName(Path.GetFullPath(file.Path))!);
        try
        {
            return Scenario.Open(name);
        }
        catch (ScenarioException e)
        {
            throw new ConfigurationException(e.HasPlace ? null : file.Path, file.Scenario?.Line ?? 0, file.Scenario?.Column ?? 0, e.Message);
        }
    }

    private List<(Entrant Entrant, string? Folder)> Entrants(IReadOnlyList<EntrantEntry>? entries, PluginKind kind, string baseline, IReadOnlyList<string> only)
    {
        entries ??= [.. catalog.Plugins.Values.Where(p => p.Manifest.Kind == kind).Select(p => p.Manifest.Id).Order(StringComparer.Ordinal).Select(Bare)];
        var withBaseline = entries.Where(e => e.Id.Value == baseline).Take(1).DefaultIfEmpty(Bare(baseline)).Concat(entries.Where(e => e.Id.Value != baseline));
        var chosen = withBaseline.Where(e => only.Count == 0 || e.Id.Value == baseline || only.Contains(e.Id.Value)).ToArray();
        var variants = chosen.SelectMany(e => Variants(e, kind, isBaseline: e.Id.Value == baseline)).ToArray();
        var repeated = variants.GroupBy(v => v.Entrant.Id).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var result = new List<(Entrant, string?)>();
        foreach (var (entrant, folder, place) in variants)
        {
            var label = repeated.Contains(entrant.Id) && entrant.Options.Count > 0 ? $"{entrant.Id}[{string.Join(' ', entrant.Options.Select(o => $"{o.Key}={o.Value}"))}]" : entrant.Id;
            if (result.Exists(r => r.Item1.Label == label))
                throw new ConfigurationException(file.Path, place.Line, place.Column, $"TITER606 '{label}' is entered twice with the same options. Remove one, or set different options.");
            result.Add((entrant with { Label = label }, folder));
        }

        return result;
    }

    /// <summary>Every combination of the swept values, options checked against the plugin's schema. A refused plugin is one entrant that says why.</summary>
    private IEnumerable<(Entrant Entrant, string? Folder, Positioned<string> Place)> Variants(EntrantEntry entry, PluginKind kind, bool isBaseline)
    {
        if (!isBaseline && catalog.Refused.FirstOrDefault(r => r.Name == entry.Id.Value) is { } refused)
        {
            var problem = refused.Problems[0];
            yield return (new Entrant
            {
                Id = refused.Name,
                Label = refused.Name,
                ContentHash = "",
                UsesHarmfulData = kind == PluginKind.Attack,
                Refusal = new Refusal(PhaseStatus.Invalid, problem.Code, $"The plugin was refused: {problem.Fact} {problem.Fix}"),
            }, null, entry.Id);
            yield break;
        }

        var plugin = Find(entry.Id, kind);
        IEnumerable<ImmutableSortedDictionary<string, string>> variants = [ImmutableSortedDictionary<string, string>.Empty];
        foreach (var (name, value) in entry.Set)
            variants = [.. variants.Select(v => v.SetItem(name, Canonical(plugin, name, value)))];
        foreach (var (name, values) in entry.Sweep)
            variants = [.. variants.SelectMany(v => values.Select(value => v.SetItem(name, Canonical(plugin, name, value))))];
        var manifest = plugin.Manifest;
        foreach (var options in variants)
        {
            yield return (new Entrant
            {
                Id = manifest.Id,
                Label = manifest.Id,
                Options = options,
                ContentHash = manifest.ContentHash,
                UsesHarmfulData = kind == PluginKind.Attack && manifest.TrainsOn == Sdk.TrainingData.Harmful,
                Paper = manifest.Paper,
                Refusal = quarantine.Find(manifest.Id, manifest.ContentHash) is { } entryInQuarantine ? QuarantineRefusal.Of(entryInQuarantine) : null,
            }, plugin.Folder, entry.Id);
        }
    }

    private InstalledPlugin Find(Positioned<string> id, PluginKind kind)
    {
        if (catalog.Plugins.TryGetValue(id.Value, out var plugin))
        {
            return plugin.Manifest.Kind == kind
                ? plugin
                : throw new ConfigurationException(file.Path, id.Line, id.Column, $"TITER607 '{id.Value}' is {Article(plugin.Manifest.Kind)}, not {Article(kind)}. Move it to the other list.");
        }

        if (catalog.Refused.FirstOrDefault(r => r.Name == id.Value) is { } refused)
            throw new ConfigurationException(file.Path, id.Line, id.Column, $"TITER608 The plugin '{id.Value}' was refused: {refused.Problems[0]}");
        var known = catalog.Plugins.Values.Where(p => p.Manifest.Kind == kind).Select(p => p.Manifest.Id).Order(StringComparer.Ordinal).ToArray();
        throw new ConfigurationException(file.Path, id.Line, id.Column,
            $"TITER609 No {kind.ToString().ToLowerInvariant()} plugin is called '{id.Value}'.{Suggestion.For(id.Value, known)} Known: {(known.Length > 0 ? string.Join(", ", known) : "none; check --plugins")}.");
    }

    private string Canonical(InstalledPlugin plugin, string name, Positioned<string> value) =>
        plugin.Manifest.Options.TryCanonicalize(name, value.Value, out var canonical, out var problem)
            ? canonical
            : throw new ConfigurationException(file.Path, value.Line, value.Column, $"{problem.Code} {plugin.Manifest.Id}: {problem.Fact} {problem.Fix}");

    private static Dictionary<string, string> Folders(IEnumerable<(Entrant Entrant, string? Folder)> entrants) =>
        entrants.Where(e => e.Folder is not null).DistinctBy(e => e.Entrant.Id).ToDictionary(e => e.Entrant.Id, e => e.Folder!, StringComparer.Ordinal);

    private static EntrantEntry Bare(string id) => new() { Id = new Positioned<string>(id, 0, 0) };

    private static string Article(PluginKind kind) => kind == PluginKind.Attack ? "an attack" : kind == PluginKind.Defense ? "a defense" : "a metric";
}
