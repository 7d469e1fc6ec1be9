using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Titer.Tournament.Tuning;

/// <summary><c>tuning.json</c>: every try of a tuning with what it came to and what it cost, and how
/// the best one did where it was not searched.</summary>
public sealed record TuningDocument
{
    public required string Defense { get; init; }

    public required string ContentHash { get; init; }

    public required string Scenario { get; init; }

    public required string ScenarioHash { get; init; }

    public required string HostVersion { get; init; }

    /// <summary>The attackers of every try.</summary>
    public required IReadOnlyList<string> Against { get; init; }

    /// <summary>The budget that every setting had.</summary>
    public required PhaseLimits DefenseBudget { get; init; }

    public required PhaseLimits AttackBudget { get; init; }

    public required int Seed { get; init; }

    public required IReadOnlyList<SearchDimension> Space { get; init; }

    public required IReadOnlyList<TuningGuard> Guards { get; init; }

    public required int WorstCells { get; init; }

    public required IReadOnlyList<TuningTry> Tries { get; init; }

    /// <summary>Number of the best try; null when none keeps the guards, or when the search was stopped.</summary>
    public int? Best { get; init; }

    /// <summary>Of all tries: the defender's ledger.</summary>
    public required long DefenseSteps { get; init; }

    /// <summary>Of all tries: what the tuner spent on attackers, and so knows of them.</summary>
    public required long AttackSteps { get; init; }

    /// <summary>The published and the tuned setting on seeds that were not searched on; absent where there were none.</summary>
    public IReadOnlyList<ConfirmedSetting>? Confirmation { get; init; }

    public static TuningDocument Of(DefenseTuning tuning, TournamentSpec spec, IReadOnlyList<TuningTry> tries, TuningTry? best,
        TournamentReport? confirmation)
    {
        ArgumentNullException.ThrowIfNull(tuning);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(tries);
        return new TuningDocument
        {
            Defense = tuning.Defense,
            ContentHash = spec.Defenses.First(d => d.Id == tuning.Defense).ContentHash,
            Scenario = spec.Scenario,
            ScenarioHash = spec.ScenarioHash,
            HostVersion = spec.HostVersion,
            Against = [.. spec.Attacks.Where(a => a.UsesHarmfulData).Select(a => a.Label)],
            DefenseBudget = spec.DefenseLimits,
            AttackBudget = spec.AttackLimits,
            Seed = spec.Seeds[0],
            Space = tuning.Space,
            Guards = tuning.Guards,
            WorstCells = tuning.WorstCells,
            Tries = tries,
            Best = best is { IsSound: true } ? best.Number : null,
            DefenseSteps = tries.Sum(t => t.DefenseSteps),
            AttackSteps = tries.Sum(t => t.AttackSteps),
            Confirmation = confirmation is null ? null
                : [.. confirmation.Rows.Where(r => r.Defense != confirmation.Spec.Defenses[0].Label).Select(r => new ConfirmedSetting(
                    r.Defense, r.Titer, r.TiterInterval, r.CrossDomainTiter, r.Stability.Estimate, r.Trainability.Estimate))],
        };
    }

    /// <summary>How it is written, for its schema.</summary>
    public static JsonTypeInfo<TuningDocument> Written => TuningJson.Readable.Value.TuningDocument;

    public string ToJson() => JsonSerializer.Serialize(this, TuningJson.Readable.Value.TuningDocument) + "\n";
}

/// <summary>A row of the board on which the published and the tuned setting met again.</summary>
public sealed record ConfirmedSetting(string Defense, string Titer, string TiterEnds, string CrossDomainTiter, double Utility, double Trainability);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(RoundedScores)])]
[JsonSerializable(typeof(TuningDocument))]
internal sealed partial class TuningJson : JsonSerializerContext
{
    // Made when first used: the order of static fields across generated files is not defined.
    public static Lazy<TuningJson> Readable { get; } =
        new(() => new TuningJson(new JsonSerializerOptions(Default!.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
}
