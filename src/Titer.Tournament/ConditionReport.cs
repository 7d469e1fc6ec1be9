using System.Text.Json.Serialization;

namespace Titer.Tournament;

public enum Verdict
{
    /// <summary>A statement about runs that were not played: the bound agrees with the threshold.</summary>
    Pass,

    /// <summary>Every run held, and there are too few of them to say what others would do.</summary>
    Held,

    Fail,

    /// <summary>The interval spans the threshold, or a run went above it within what chance can do: more seeds or prompts would tell.</summary>
    Undecided,

    /// <summary>What the verdict needs was not played, failed, wrecked the model or was cut short.</summary>
    NotMeasured,
}

/// <summary>One condition of a defense.</summary>
/// <param name="Threshold">What the estimate is held against.</param>
/// <param name="Explanation">One sentence with the numbers that decided.</param>
/// <param name="Phases">Ids of the phases that the verdict came from.</param>
public sealed record ConditionReport(
    Verdict Verdict, double Estimate, double Low, double High, double Threshold, string Explanation, IReadOnlyList<string> Phases)
{
    public IntervalKind EndsAre { get; init; } = IntervalKind.Confidence95;

    /// <summary>Runs that held, of <see cref="Runs"/>; only for resistance.</summary>
    public int RunsHeld { get; init; }

    public int Runs { get; init; }

    /// <summary>The run that decided, where one did: attacker, seed, domain and step.</summary>
    public string? DecidedBy { get; init; }

    public static ConditionReport NotMeasured(string why) => new(Verdict.NotMeasured, double.NaN, double.NaN, double.NaN, double.NaN, why, []);

    /// <summary>The verdict in the words that every table uses.</summary>
    [JsonIgnore]
    public string Word => Verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Held => $"held {RunsHeld} of {Runs} runs",
        Verdict.Fail => "fail",
        Verdict.Undecided => "undecided",
        _ => "not measured",
    };

    /// <summary>The same where a column is narrow.</summary>
    [JsonIgnore]
    public string ShortWord => Verdict switch
    {
        Verdict.Held => $"held {RunsHeld}/{Runs}",
        Verdict.NotMeasured => "n/m",
        _ => Word,
    };
}

/// <summary>A condition by its name.</summary>
public sealed record Condition(string Name, ConditionReport Report);
