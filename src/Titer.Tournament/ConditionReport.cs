using System.Text.Json.Serialization;

namespace Titer.Tournament;

public enum Verdict
{
    Pass,
    Fail,

    /// <summary>The interval spans the threshold: more seeds or prompts would tell.</summary>
    Undecided,

    /// <summary>What the verdict needs was not played, or failed.</summary>
    NotMeasured,
}

/// <summary>One condition of a defense.</summary>
/// <param name="Threshold">What the estimate is held against.</param>
/// <param name="Explanation">One sentence with the numbers.</param>
/// <param name="Phases">Ids of the phases that the verdict came from.</param>
public sealed record ConditionReport(
    Verdict Verdict, double Estimate, double Low, double High, double Threshold, string Explanation, IReadOnlyList<string> Phases)
{
    public static ConditionReport NotMeasured(string why) => new(Verdict.NotMeasured, double.NaN, double.NaN, double.NaN, double.NaN, why, []);

    /// <summary>The verdict in the word that every table uses.</summary>
    [JsonIgnore]
    public string Word => Verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Fail => "fail",
        Verdict.Undecided => "undecided",
        _ => "not measured",
    };
}

/// <summary>A condition by its name.</summary>
public sealed record Condition(string Name, ConditionReport Report);
