using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>A defense or an attack with one setting of its options: a row or a column of the crosstable.</summary>
public sealed record Entrant
{
    /// <summary>The plugin's id, for example <c>repnoise</c>.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Of a composition <c>a -> b</c> the second attack, which goes on where the first one ended; null for all others. The rest of the record is the
    /// first attack's, but for id and label, which name both.
    /// </summary>
    public Entrant? Then { get; init; }

    /// <summary>The id of the plugin that plays it, or that plays first.</summary>
    [JsonIgnore]
    public string PluginId => Then is null ? Id : Id.Split(Composition, 2)[0];

    /// <summary>Id and content hash of every build that plays it: two of a composition.</summary>
    [JsonIgnore]
    public IEnumerable<(string Id, string ContentHash)> Builds =>
        Then is { } then ? [(PluginId, ContentHash), (then.Id, then.ContentHash)] : [(PluginId, ContentHash)];

    /// <summary>Stands between the ids of two attacks that are played one after the other.</summary>
    public const string Composition = " -> ";

    /// <summary>
    /// Unique in the tournament: the id, plus what differs when the id occurs more than once, for example <c>repnoise[beta=0.1]</c>.
    /// </summary>
    public required string Label { get; init; }

    /// <summary>Options that differ from the plugin's defaults, as canonical text (invariant culture).</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>SHA-256 over the plugin's files, or over those of what it is instead.</summary>
    public required string ContentHash { get; init; }

    /// <summary>What it is, where it is no plugin; null for one.</summary>
    public EntrantOrigin? Origin { get; init; }

    /// <summary>What an attack trains on; <see cref="Exposure.None"/> for attacks without harmful data and for defenses.</summary>
    public bool UsesHarmfulData { get; init; }

    public string Paper { get; init; } = "";

    /// <summary>What its author says of it and its paper; null where nothing is said. Never part of a score or an id.</summary>
    public EntrantCard? Card { get; init; }

    /// <summary>
    /// The rate that an attack trains at, its plugin's default where the options set none; null for those that have no such option.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>What the tries of one attacker have in common: a sweep is one family, and only its best try counts.</summary>
    public string Family { get => field ?? Label; init; }

    /// <summary>How an attacker looks for its setting; null for one that plays the setting that it has.</summary>
    public AttackSearch? Search { get; init; }

    /// <summary>A setting that a search came to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsSearched { get; init; }

    /// <summary>Every option as it is played, defaults included: for people, and no part of any identity.</summary>
    public ImmutableSortedDictionary<string, string> Settings { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }

    /// <summary>0, or the number of the twin in an A/A tournament: the same plugin with random streams of its own.</summary>
    public int Twin { get; init; }

    /// <summary>Its code did not come with the host: what it fails at says nothing about anybody else.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Why the operator's policy accepted its build, for people; null without a policy. Never part of a score or an id.</summary>
    public string? Standing { get; init; }

    /// <summary>Who handed it in to a league; null for what was not.</summary>
    public EntrantSubmission? Submission { get; init; }

    /// <summary>An attack that nobody was told of before; null for all others. Never part of a score or an id.</summary>
    public bool? IsHidden { get; init; }

    /// <summary>Why it is not played; null when it is. Its phases are marked with it, and their ids do not depend on it.</summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>What enters without code of a plugin.</summary>
public enum EntrantOrigin
{
    /// <summary>A model that a defense made elsewhere: weights alone. What they cost is not known.</summary>
    Checkpoint,

    /// <summary>A program of its own makes the model here. The steps that it says are its word; its seconds are measured.</summary>
    Program,
}

/// <summary>One attacker: an attack with the settings that it tries.</summary>
public sealed record AttackFamily(string Label, IReadOnlyList<Entrant> Tries)
{
    /// <summary>The bundled attack that looks for its setting by itself.</summary>
    private const string AdaptiveId = "adaptive_finetune";

    public bool UsesHarmfulData => Tries[0].UsesHarmfulData;

    /// <summary>Null for one whose tries are all declared.</summary>
    public AttackSearch? Search => Tries[0].Search;

    /// <summary>More than one try: the winner has to win again on fresh seeds before it counts.</summary>
    public bool IsSweep => Tries.Count > 1 || Search is not null;

    /// <summary>What defenders could know of it.</summary>
    public AttackClass Class => Tries.Any(t => t.IsHidden == true) ? AttackClass.Hidden
        : Search is not null || Tries[0].PluginId == AdaptiveId ? AttackClass.Adaptive : AttackClass.Known;

    public IReadOnlyList<Exposure> Exposures => UsesHarmfulData ? [Exposure.InDomain, Exposure.CrossDomain] : [Exposure.None];

    public static IReadOnlyList<AttackFamily> Of(IEnumerable<Entrant> attacks) =>
        [.. attacks.GroupBy(a => a.Family).Select(g => new AttackFamily(g.Key, [.. g]))];
}

/// <summary>Why an entrant is not played.</summary>
/// <param name="Status"><see cref="PhaseStatus.Invalid"/> for a plugin that the gate refused, <see cref="PhaseStatus.Skipped"/> for one in
/// quarantine.</param>
public sealed record Refusal(PhaseStatus Status, string Code, string Reason);

/// <summary>Which harmful domains an attack is trained on and evaluated on.</summary>
public enum Exposure
{
    /// <summary>The attack uses no harmful data; it is evaluated on all forbidden domains.</summary>
    None,

    /// <summary>Unseen samples of domains that the defender had.</summary>
    InDomain,

    /// <summary>Domains withheld from the defender.</summary>
    CrossDomain,
}
