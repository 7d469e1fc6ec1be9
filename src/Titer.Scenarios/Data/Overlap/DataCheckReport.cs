using System.Globalization;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>What data files are, as far as their rows say. No text of a row is in it.</summary>
/// <param name="Files">What each looks like; empty where parts of a scenario were looked at.</param>
/// <param name="Repeats">What each file or part repeats in itself; those without questions are left out.</param>
/// <param name="Shared">Every two that share something.</param>
public sealed record DataCheckReport(IReadOnlyList<CheckedFile> Files, IReadOnlyList<RepeatedQuestions> Repeats,
    IReadOnlyList<SharedQuestions> Shared)
{
    /// <summary>For people: file by file, then every two.</summary>
    public IReadOnlyList<string> Lines() =>
    [
        .. Files.Count > 0 ? Files.SelectMany(OfFile) : Repeats.Select(r => r.ToString()),
        .. Shared.Select(s => s.ToString()),
        .. Repeats.Count > 1
            ? [string.Create(CultureInfo.InvariantCulture, $"nearly: a Jaccard index of {NearDuplicates.Threshold} over runs of {
                Shingles.Words} words; what is not listed shares nothing")]
            : Array.Empty<string>(),
    ];

    private static IEnumerable<string> OfFile(CheckedFile file) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{file.Path}: {file.Rows} rows; fields {file.Fields}"),
        .. file.Presets.Count == 0 ? ["looks like no preset: see 'titer data list', or declare shape and columns"]
            : file.Presets.Select(p => $"looks like preset {p.Name}: {p.Count}; licence: {p.Licence}"),
        .. file.Questions is { } questions ? [questions.ToString()] : Array.Empty<string>(),
    ];
}

/// <summary>A file that was looked at.</summary>
/// <param name="Fields">Names of the first row's.</param>
/// <param name="Presets">Published sets whose rows look like these, the likeliest first.</param>
/// <param name="Questions">Null where the rows are no questions.</param>
public sealed record CheckedFile(string Path, int Rows, string Fields, IReadOnlyList<LikelyPreset> Presets, RepeatedQuestions? Questions);

/// <summary>A published set that a file looks like.</summary>
/// <param name="Count">Its rows against what is published: a clause.</param>
/// <param name="Licence">As its source says.</param>
public sealed record LikelyPreset(string Name, string Count, string Licence);
