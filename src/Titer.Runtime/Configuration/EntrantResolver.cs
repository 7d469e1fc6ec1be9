using System.Collections.Immutable;
using Titer.Files;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Sdk.Naming;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>
/// Who enters a tournament: finds the plugins that a file names, checks their options against their schemas, sets calibrated strengths, and
/// expands sweeps. Every problem is a <see cref="ConfigurationException"/> with its place in the file.
/// </summary>
internal sealed class EntrantResolver(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, Scenario scenario,
    EntrantHashes? hashes = null)
{
    private const string LearningRate = "learning_rate";

    /// <summary>The entries that enter, the baseline first; others of its plugin have settings of their own, and play beside it.</summary>
    public EntrantEntry[] Chosen(IReadOnlyList<EntrantEntry>? entries, PluginKind kind, string baseline, IReadOnlyList<string> only)
    {
        entries ??=
        [
            .. catalog.Plugins.Values.Select(p => p.Manifest).Where(m => m.Kind == kind && (m.EntersByDefault || only.Contains(m.Id)))
                .OrderBy(m => m.Id, StringComparer.Ordinal).Select(m => EntrantEntry.Of(m.Id) with { Search = SearchSpace.OfDefaultTournament(m) }),
        ];
        var first = entries.FirstOrDefault(e => e.Id.Value == baseline) ?? EntrantEntry.Of(baseline);
        return [.. entries.Where(e => !ReferenceEquals(e, first)).Prepend(first)
            .Where(e => only.Count == 0 || e.Id.Value == baseline || only.Contains(e.Id.Value))];
    }

    /// <summary>The baseline first, each entrant with its plugin's folder; refused plugins have none.</summary>
    public List<(Entrant Entrant, string? Folder)> Resolve(IReadOnlyList<EntrantEntry>? entries, PluginKind kind, string baseline,
        IReadOnlyList<string> only)
    {
        var chosen = Chosen(entries, kind, baseline, only);
        var repeated = chosen.GroupBy(e => e.Id.Value).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        var result = new List<(Entrant, string?)>();
        hashes ??= new EntrantHashes();
        var checkpoints = new CheckpointEntrants(file, catalog, quarantine, scenario, hashes);
        var programs = new ProgramEntrants(file, catalog, quarantine, hashes);
        foreach (var entry in chosen)
        {
            if (entry.Checkpoint is not null)
            {
                Add(result, checkpoints.Enter(entry, kind), null, entry.Id);
                continue;
            }

            if (entry.Program is not null)
            {
                Add(result, programs.Enter(entry, kind), null, entry.Id);
                continue;
            }

            if (entry.Id.Value != baseline && catalog.Refused.FirstOrDefault(r => r.Name == entry.Id.Value) is { } refused)
            {
                Add(result, Refused(refused, kind), null, entry.Id);
                continue;
            }

            var (first, then) = Parts(entry.Id, kind);
            if (then is not null)
            {
                Add(result, Composed(entry, first, then), first.Folder, entry.Id);
                continue;
            }

            var plugin = first;
            foreach (var family in Families(entry, plugin, repeated.Contains(entry.Id.Value)))
            {
                var tries = Combinations(entry, plugin, family.Options);
                var search = entry.Search is { } searched ? Search(searched, entry, plugin, family.Options) : null;
                if (kind == PluginKind.Attack && file.Attack.Tries is { } most && tries.Count > most)
                    throw Problem(entry.Id,
                        $"TITER614 The sweep of '{entry.Id.Value}' has {tries.Count} tries, the attack budget allows {most}. Sweep fewer values, "
                            + "or raise budget.attack.tries.");
                foreach (var options in tries)
                {
                    // The settings of a defense's sweep are defenses of their own; those of an attack's are one attacker's tries.
                    var label = tries.Count > 1 ? $"{plugin.Manifest.Id}[{Text(options)}]" : family.Label;
                    Add(result, Enter(plugin, label, kind == PluginKind.Attack ? family.Label : label, options) with { Search = search },
                        plugin.Folder, entry.Id);
                }
            }
        }

        return result;
    }

    private void Add(List<(Entrant Entrant, string? Folder)> result, Entrant entrant, string? folder, Positioned<string> place)
    {
        if (result.Exists(r => r.Entrant.Label == entrant.Label))
            throw Problem(place, $"TITER606 '{entrant.Label}' is entered twice with the same options. Remove one, or set different options.");
        result.Add((entrant, folder));
    }

    /// <summary>One per strength that the entry asks for; a learning rate that the file sets is the file's.</summary>
    private IEnumerable<(string Label, ImmutableSortedDictionary<string, string> Options)> Families(EntrantEntry entry, InstalledPlugin plugin,
        bool isRepeated)
    {
        var options = entry.Set.Aggregate(ImmutableSortedDictionary<string, string>.Empty,
            (all, set) => all.SetItem(set.Key, Canonical(plugin, set.Key, set.Value)));
        var label = isRepeated && options.Count > 0 ? $"{plugin.Manifest.Id}[{Text(options)}]" : plugin.Manifest.Id;
        var calibrated = scenario.Strengths.GetValueOrDefault(plugin.Manifest.Id);
        if (entry.Strengths.Count > 0 && calibrated is null)
        {
            throw Problem(entry.Strengths[0],
                $"TITER615 The scenario has no calibrated strengths of '{plugin.Manifest.Id}'. It has them "
                    + $"of: {(scenario.Strengths.Count > 0 ? string.Join(", ", scenario.Strengths.Keys) : "nothing")}. "
                + "Set a learning_rate, or add what 'titer scenario calibrate' prints to the scenario.");
        }

        if (entry.Strengths.Count == 0)
        {
            var isOwnRate = options.ContainsKey(LearningRate) || entry.Sweep.ContainsKey(LearningRate) || calibrated is null
                || plugin.Manifest.Options.Fields.All(f => f.Name != LearningRate);
            yield return (label, isOwnRate ? options : WithRate(plugin, options, Rate(plugin, calibrated!, entry.Id, "strong")));
            yield break;
        }

        foreach (var strength in entry.Strengths)
        {
            if (!AttackStrengths.Names.Contains(strength.Value))
                throw Problem(strength, $"TITER615 '{strength.Value}' is not a strength. Strengths are {string.Join(", ", AttackStrengths.Names)}.");
            yield return ($"{label}@{strength.Value}", WithRate(plugin, options, Rate(plugin, calibrated!, strength, strength.Value)));
        }
    }

    /// <summary>A rate that is the plugin's default is no setting: ids stay what they are.</summary>
    private static ImmutableSortedDictionary<string, string> WithRate(InstalledPlugin plugin, ImmutableSortedDictionary<string, string> options,
        string rate) =>
        plugin.Manifest.Options.Fields.First(f => f.Name == LearningRate).Default == rate
            ? options.Remove(LearningRate)
            : options.SetItem(LearningRate, rate);

    private string Rate(InstalledPlugin plugin, AttackStrengths calibrated, Positioned<string> place, string strength) =>
        Canonical(plugin, LearningRate,
            place with { Value = calibrated[strength].ToString("R", System.Globalization.CultureInfo.InvariantCulture) });

    private AttackSearch Search(SearchEntry search, EntrantEntry entry, InstalledPlugin plugin, ImmutableSortedDictionary<string, string> options)
    {
        if (plugin.Manifest.Kind != PluginKind.Attack)
            throw Problem(search.Place,
                $"TITER605 '{plugin.Manifest.Id}' is a defense: only attackers search. Use sweep, whose settings are defenses of their own.");
        if (entry.Sweep.Count > 0) throw Problem(search.Place, "TITER605 An attacker sweeps or searches. Remove one of the two.");
        var tries = search.Tries ?? file.Attack.Tries ?? SearchSpace.Tries;
        if (file.Attack.Tries is { } most && tries > most)
            throw Problem(search.Place,
                $"TITER614 The search of '{plugin.Manifest.Id}' has {tries} tries, the attack budget allows {most}. Ask for fewer, or raise "
                    + "budget.attack.tries.");
        var over = search.Over ?? SearchSpace.Of(plugin.Manifest, plugin.Manifest.Options.Resolve(options));
        if (over.Count == 0)
            throw Problem(search.Place,
                $"TITER605 '{plugin.Manifest.Id}' has none of the options that are searched by themselves. Name some: over: {{ option: [value, "
                    + "value] }.");
        return new AttackSearch(tries,
            [.. over.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => Dimension(plugin, o.Key, o.Value, options))]);
    }

    private SearchDimension Dimension(InstalledPlugin plugin, string name, SearchedOption searched,
        ImmutableSortedDictionary<string, string> options)
    {
        string[] ends =
            [.. new[] { searched.From, searched.To }.OfType<Positioned<string>>().Concat(searched.Values).Select(v => Canonical(plugin, name, v))];
        var field = plugin.Manifest.Options.Fields.First(f => f.Name == name);
        var dimension = new SearchDimension(name, options.GetValueOrDefault(name) ?? field.Default);
        if (searched.From is not { } from) return dimension with { Values = ends };
        if (field.Type is not (OptionType.Number or OptionType.WholeNumber or OptionType.LongWholeNumber))
            throw Problem(from, $"TITER605 '{name}' is {field.Expectation}: it has no range. List its values.");
        return dimension with { From = ends[0], To = ends[1], IsWhole = field.Type != OptionType.Number };
    }

    /// <summary>Every combination of the swept values.</summary>
    private List<ImmutableSortedDictionary<string, string>> Combinations(EntrantEntry entry, InstalledPlugin plugin,
        ImmutableSortedDictionary<string, string> options)
    {
        List<ImmutableSortedDictionary<string, string>> variants = [options];
        foreach (var (name, values) in entry.Sweep)
            variants = [.. variants.SelectMany(v => values.Select(value => v.SetItem(name, Canonical(plugin, name, value))))];
        return variants;
    }

    /// <summary>One attack, or the two of <c>a -> b</c>.</summary>
    private (InstalledPlugin First, InstalledPlugin? Then) Parts(Positioned<string> id, PluginKind kind)
    {
        var names = id.Value.Split("->", StringSplitOptions.TrimEntries);
        if (names.Length == 1) return (Find(id, kind), null);
        if (names.Length > 2 || kind != PluginKind.Attack || names.Any(n => n.Length == 0))
        {
            throw Problem(id, $"TITER623 '{id.Value}' is no composition: it is of two attacks, a -> b. "
                + "Name two ids under attacks, with an arrow between.");
        }

        return (Find(id with { Value = names[0] }, kind), Find(id with { Value = names[1] }, kind));
    }

    /// <summary>
    /// Two attacks as one entrant. Options of the second one are set with <c>then.</c> in front; neither is swept, and both train at the rates that
    /// they are given.
    /// </summary>
    private Entrant Composed(EntrantEntry entry, InstalledPlugin first, InstalledPlugin then)
    {
        const string Second = "then.";
        if (entry.Sweep.Count > 0 || entry.Strengths.Count > 0)
            throw Problem(entry.Id,
                $"TITER623 '{entry.Id.Value}' has a sweep or strengths. Set the options of a composition, and enter it once for each setting.");
        ImmutableSortedDictionary<string, string> Set(InstalledPlugin plugin, Func<string, string?> name) => entry.Set
            .Select(s => (Name: name(s.Key), s.Value)).Where(s => s.Name is not null)
            .ToImmutableSortedDictionary(s => s.Name!, s => Canonical(plugin, s.Name!, s.Value));
        var own = Set(first, key => key.StartsWith(Second, StringComparison.Ordinal) ? null : key);
        var others = Set(then, key => key.StartsWith(Second, StringComparison.Ordinal) ? key[Second.Length..] : null);
        var id = first.Manifest.Id + Entrant.Composition + then.Manifest.Id;
        var label = entry.Set.Count == 0 ? id : $"{id}[{Text(own.AddRange(others.Select(o => KeyValuePair.Create(Second + o.Key, o.Value))))}]";
        var (one, two) = (Enter(first, label, label, own), Enter(then, then.Manifest.Id, then.Manifest.Id, others));
        // No rate: a cooler try would not say whose.
        return one with
        {
            Id = id,
            Then = two with { LearningRate = null },
            LearningRate = null,
            UsesHarmfulData = one.UsesHarmfulData || two.UsesHarmfulData,
            Paper = string.Join(", ", new[] { one.Paper, two.Paper }.Where(p => p.Length > 0).Distinct()),
            Refusal = one.Refusal ?? two.Refusal,
        };
    }

    private Entrant Enter(InstalledPlugin plugin, string label, string family, ImmutableSortedDictionary<string, string> options)
    {
        var manifest = plugin.Manifest;
        return new Entrant
        {
            Id = manifest.Id,
            Label = label,
            Family = family,
            Options = options,
            ContentHash = manifest.ContentHash,
            UsesHarmfulData = manifest.Kind == PluginKind.Attack && manifest.TrainsOn == Sdk.TrainingData.Harmful,
            Paper = manifest.Paper,
            Card = CardOf(manifest.Fidelity),
            LearningRate = manifest.Kind == PluginKind.Attack ? RateOf(manifest, options) : null,
            Settings = manifest.Options.Resolve(options),
            Standing = plugin.Standing,
            Refusal = quarantine.Find(manifest.Id, manifest.ContentHash) is { } entryInQuarantine ? QuarantineRefusal.Of(entryInQuarantine) : null,
        };
    }

    private static EntrantCard? CardOf(PluginFidelity? fidelity) => fidelity is null ? null : new EntrantCard
    {
        Paper = fidelity.Paper,
        Same = fidelity.Same,
        Differs = fidelity.Differs,
        ReferenceCheck = fidelity.ReferenceCheck,
        PublishedStrength = fidelity.PublishedStrength,
        MadeAgainst = fidelity.MadeAgainst,
        Published = [.. fidelity.Published.Select(f => new CardFigure(f.What, f.Value, f.Source))],
        Here = [.. fidelity.Here.Select(f => new CardFigure(f.What, f.Value, f.Source))],
        Evidence = fidelity.Evidence,
        Verdict = fidelity.Verdict,
    };

    private static double? RateOf(PluginManifest manifest, ImmutableSortedDictionary<string, string> options) =>
        manifest.Options.Fields.FirstOrDefault(f => f.Name == LearningRate) is { } field
            && double.TryParse(options.GetValueOrDefault(LearningRate) ?? field.Default, System.Globalization.CultureInfo.InvariantCulture,
                out var rate) ? rate : null;

    /// <summary>A refused plugin is one entrant that says why.</summary>
    private static Entrant Refused(PluginVerdict refused, PluginKind kind) => new()
    {
        Id = refused.Name,
        Label = refused.Name,
        ContentHash = "",
        UsesHarmfulData = kind == PluginKind.Attack,
        Refusal = new Refusal(PhaseStatus.Invalid, refused.Problems[0].Code,
            $"The plugin was refused: {refused.Problems[0].Fact} {refused.Problems[0].Fix}"),
    };

    public InstalledPlugin Find(Positioned<string> id, PluginKind kind)
    {
        if (catalog.Plugins.TryGetValue(id.Value, out var plugin))
        {
            if (plugin.Manifest.Kind != kind)
                throw Problem(id, $"TITER607 '{id.Value}' is {Article(plugin.Manifest.Kind)}, not {Article(kind)}. Move it to the other list.");
            return kind != PluginKind.Attack || !plugin.Manifest.NeedsParent || scenario.ParentFolder is not null
                ? plugin
                : throw Problem(id,
                    $"TITER643 '{id.Value}' needs the weights of the subject's parent, and the scenario '{scenario.Id}' declares none. "
                    + "Name its public parent under subject.parent_weights, or leave the attack out.");
        }

        if (catalog.Refused.FirstOrDefault(r => r.Name == id.Value) is { } refused)
            throw Problem(id, $"TITER608 The plugin '{id.Value}' was refused: {refused.Problems[0]}");
        var known = catalog.Plugins.Values.Where(p => p.Manifest.Kind == kind).Select(p => p.Manifest.Id).Order(StringComparer.Ordinal).ToArray();
        if (kind == PluginKind.Metric)
        {
            string[] metrics = [.. MetricCatalog.All.Where(m => m.Needs == MetricNeeds.Answers).Select(m => m.Id), .. known];
            throw Problem(id, $"TITER550 There is no metric '{id.Value}', of the host's own or as a plugin.{Suggestion.For(id.Value, metrics)} "
                + $"Known: {string.Join(", ", metrics)}; more plugins with --plugins.");
        }

        throw Problem(id, $"TITER609 No {kind.ToString().ToLowerInvariant()} plugin is called '{id.Value}'.{Suggestion.For(id.Value, known)} "
            + $"Known: {(known.Length > 0 ? string.Join(", ", known) : "none; check --plugins")}.");
    }

    public string Canonical(InstalledPlugin plugin, string name, Positioned<string> value) =>
        plugin.Manifest.Options.TryCanonicalize(name, value.Value, out var canonical, out var problem)
            ? canonical
            : throw Problem(value, $"{problem.Code} {plugin.Manifest.Id}: {problem.Fact} {problem.Fix}");

    private ConfigurationException Problem(Positioned<string> place, string message) => new(file.Path, place.Line, place.Column, message);

    private static string Text(ImmutableSortedDictionary<string, string> options) =>
        string.Join(' ', options.Select(o => $"{o.Key}={VisibleText.OnOneLine(o.Value)}"));

    private static string Article(PluginKind kind) =>
        kind == PluginKind.Attack ? "an attack" : kind == PluginKind.Defense ? "a defense" : "a metric";
}
