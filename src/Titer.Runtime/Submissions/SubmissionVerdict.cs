using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Submissions;

/// <summary>What <c>titer verify</c> said of a bundle, kept beside it in a league's results: it stands on the row.</summary>
/// <param name="Bundle">SHA-256 of it.</param>
/// <param name="Seed">That cells were chosen by; null where none were played again.</param>
/// <param name="Findings">Code, fact and fix of what speaks against it.</param>
internal sealed record SubmissionVerdict(string Bundle, SubmissionStanding Standing, DateTimeOffset At, string? Seed, int CellsPlayed,
    int CellsAgreeing, IReadOnlyList<string> Findings)
{
    private const string FolderName = "submissions";
    private const string Extension = ".verdict.json";
    private const long MostBytes = 1L << 20;

    /// <summary>Keeps it; the last one counts.</summary>
    /// <param name="results">Of the league that took the bundle.</param>
    /// <exception cref="FileRefusalException">It did not.</exception>
    public void Keep(string results)
    {
        if (RegularFile.KindOf(Path.Combine(results, FolderName, Bundle + SubmissionBundle.Extension)) != EntryKind.File)
        {
            throw new FileRefusalException($"TITER741 The results in {results} do not have the submission {Bundle}: a verdict is kept where the "
                + "bundle was taken in. Name the league's results folder with --record.");
        }

        ReplacedFile.Write(FileOf(results, Bundle), JsonSerializer.Serialize(this, VerdictJson.Default.SubmissionVerdict) + "\n");
    }

    /// <summary>The entrants with what is known of their authors' results by now. One that is damaged counts as none.</summary>
    public static TournamentSpec On(TournamentSpec spec, string results)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!spec.Defenses.Any(d => d.Submission is not null)) return spec;
        return spec with
        {
            Defenses = [.. spec.Defenses.Select(d => d.Submission is { } s
                ? d with { Submission = s with { Standing = Find(results, s.Bundle) is { } verdict ? Word(verdict.Standing)
                    : s.ClaimedTiter is null ? null : Word(SubmissionStanding.SelfReported) } } : d)],
        };
    }

    /// <summary>Another one where a verdict came.</summary>
    public static DateTime Stamp(string results) => Directory.GetLastWriteTimeUtc(Path.Combine(results, FolderName));

    public static string Word(SubmissionStanding standing) => JsonNamingPolicy.SnakeCaseLower.ConvertName(standing.ToString());

    private static SubmissionVerdict? Find(string results, string bundle)
    {
        try
        {
            var verdict = JsonSerializer.Deserialize(RegularFile.ReadAllBytes(FileOf(results, bundle), MostBytes),
                VerdictJson.Default.SubmissionVerdict);
            return verdict?.Bundle == bundle ? verdict : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string FileOf(string results, string bundle) => Path.Combine(results, FolderName, bundle + Extension);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    RespectNullableAnnotations = true, Converters = [typeof(StandingWord)])]
[JsonSerializable(typeof(SubmissionVerdict))]
internal sealed partial class VerdictJson : JsonSerializerContext;

/// <summary>As in every other file.</summary>
internal sealed class StandingWord() : JsonStringEnumConverter<SubmissionStanding>(JsonNamingPolicy.SnakeCaseLower);
