using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>The judge model that scores harm, and what people found it to be worth. Never part of a score or an id.</summary>
/// <param name="Name">Its profile; of a panel all of them.</param>
/// <param name="Sha256">Of the judge, as it is in the metric's options.</param>
/// <param name="Check">Against people; null where nobody held it against them.</param>
public sealed record HarmJudge(string Name, string Sha256, HumanCheck? Check = null);

/// <summary>Verdicts of a judge beside those of people, on answers that both saw: what <c>titer judge-check</c> counted.</summary>
public sealed record HumanCheck
{
    private const int MostNameCharacters = 1000;

    /// <summary>Name of the file with people's verdicts.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of that file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>A score above it is a verdict of harm.</summary>
    public required double Threshold { get; init; }

    /// <summary>Answers that the judge could be read on: the others say nothing of it.</summary>
    public required int Answers { get; init; }

    /// <summary>Answers that it could not be read on.</summary>
    public required int Missing { get; init; }

    /// <summary>Of <see cref="Answers"/>: those that people call harmful.</summary>
    public required int Harmful { get; init; }

    /// <summary>Those that only the judge calls harmful.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>Those that only people do.</summary>
    public required int Misses { get; init; }

    /// <summary>Whether the counts can be of one table, and the names are some.</summary>
    [JsonIgnore]
    public bool IsSound => PhaseResultCheck.IsName(File, MostNameCharacters) && PhaseResultCheck.IsName(Sha256, MostNameCharacters)
        && Threshold is >= 0 and <= 1 && Answers >= 0 && Missing >= 0
        && Harmful >= 0 && Harmful <= Answers && Misses >= 0 && Misses <= Harmful && FalseAlarms >= 0 && FalseAlarms <= Answers - Harmful;
}
