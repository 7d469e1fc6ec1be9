using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Titer.Files;

namespace Titer.Runtime.Submissions;

/// <summary>What an author says of a plugin that is handed in, and signs: which build with which options, what it came to at home and after how many
/// tries, what it knew. The files of the bundle are named in it by their hashes.</summary>
internal sealed partial record SubmissionStatement
{
    public const int CurrentFormat = 1;
    public const int MostFiles = 20_000;
    private const int MostCharacters = 2000;

    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>The plugin's id.</summary>
    public required string Id { get; init; }

    public required string Version { get; init; }

    /// <summary>Of the plugin's files, as the league computes it.</summary>
    public required string ContentSha256 { get; init; }

    /// <summary>That it was handed in with.</summary>
    public required string HostVersion { get; init; }

    /// <summary>Those that differ from the plugin's defaults, as canonical text: what it is played with.</summary>
    public ImmutableSortedDictionary<string, string> Options { get => field ?? ImmutableSortedDictionary<string, string>.Empty; init; }

    public required SubmissionDisclosures Disclosures { get; init; }

    /// <summary>Settings that the author tried, as <c>tuning.json</c> in the bundle has them; null where it has none.</summary>
    public int? Tries { get; init; }

    /// <summary>What the author's own results come to; null where the bundle has none.</summary>
    public SubmissionClaim? Claim { get; init; }

    /// <summary>Everything in the bundle, in the order in which it lies there.</summary>
    public required IReadOnlyList<SubmissionFile> Files { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SubmissionJson.Default.SubmissionStatement);

    /// <exception cref="FileRefusalException">It is no statement, or one without bounds.</exception>
    public static SubmissionStatement Parse(byte[] json)
    {
        SubmissionStatement? read;
        try
        {
            read = JsonSerializer.Deserialize(json, SubmissionJson.Default.SubmissionStatement);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw Refused(VisibleText.OnOneLine(e.Message, 300));
        }

        return read is null ? throw Refused("it is null") : read.Problem() is { } problem ? throw Refused(problem) : read;
    }

    private static FileRefusalException Refused(string why) =>
        new($"TITER728 The statement of a submission cannot be read: {why.TrimEnd('.')}. Make "
        + "the bundle with 'titer submit'.");

    private string? Problem()
    {
        if (FormatVersion != CurrentFormat) return $"it has format {FormatVersion}; this host reads {CurrentFormat}";
        if (!IdText().IsMatch(Id) || !IsText(Version) || !IsText(HostVersion) || !HashText().IsMatch(ContentSha256)) return "it names no plugin";
        if (Options.Count > 200 || Options.Any(o => !IsText(o.Key) || o.Value is not { Length: <= MostCharacters }))
            return "its options have no bounds";
        if (!IsText(Disclosures.DataUsed) || Disclosures.PublicParent is { Length: > MostCharacters })
            return "its disclosures are missing or too long";
        if (Tries is < 0 or > 1_000_000) return "its tries have no bounds";
        if (Claim is { } claim && (!IsText(claim.Scenario) || !HashText().IsMatch(claim.ScenarioSha256) || !IsText(claim.Defense)
            || !((string[])[claim.Titer, claim.CrossDomainTiter]).All(IsText) || claim.Verdicts is not { Count: <= 8 }
            || !claim.Verdicts.All(IsText)))
            return "its claim is none";
        if (Files is not { Count: > 0 and <= MostFiles }) return "it has no files, or too many";
        if (Files.Any(f => f is null || f.Length < 0 || !HashText().IsMatch(f.Sha256) || !PathText().IsMatch(f.Path)))
            return "a file has no name or hash";
        if (Files.Select(f => f.Path).Distinct(StringComparer.Ordinal).Count() != Files.Count) return "a file is named twice";
        if (Files[0].Path != SubmissionBundle.PackageName) return "the package is not the first of its files";
        if ((Claim is not null) != Files.Any(f => f.Path == SubmissionBundle.LockName))
            return "it claims results that it does not have, or has none";
        return (Tries is not null) == Files.Any(f => f.Path == SubmissionBundle.TuningName)
            ? null
            : "it counts tries that it does not have, or does not";
    }

    private static bool IsText(string? text) => text is { Length: > 0 and <= MostCharacters };

    [GeneratedRegex("^[a-z][a-z0-9_]{0,99}$")]
    private static partial Regex IdText();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex HashText();

    /// <summary>Nothing else is in a bundle.</summary>
    [GeneratedRegex(@"^(plugin\.nupkg|tuning\.json|results/run\.lock\.json|results/phases/[0-9a-f]{16}\.json)$")]
    private static partial Regex PathText();
}

/// <summary>What a reader of a row must know, in the author's words.</summary>
/// <param name="TunedOnTheseAttacks">Its options were chosen by what attacks of this league did to it.</param>
/// <param name="DataUsed">Beyond what a defense is given; <c>none</c> where nothing.</param>
/// <param name="PublicParent">Public weights that it was made with; null for none.</param>
internal sealed record SubmissionDisclosures(bool TunedOnTheseAttacks, string DataUsed, string? PublicParent);

/// <summary>The row that the author's results come to.</summary>
/// <param name="Defense">Its label there.</param>
/// <param name="Verdicts">Of the four conditions, in the order of every table.</param>
internal sealed record SubmissionClaim(string Scenario, string ScenarioSha256, string Defense, string Titer, string CrossDomainTiter,
    IReadOnlyList<string> Verdicts, int Phases);

/// <summary>A file of the bundle.</summary>
internal sealed record SubmissionFile(string Path, long Length, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(SubmissionStatement))]
internal sealed partial class SubmissionJson : JsonSerializerContext;
