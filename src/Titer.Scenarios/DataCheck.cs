using System.Globalization;
using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Overlap;
using Titer.Scenarios.Data.Presets;

namespace Titer.Scenarios;

/// <summary>
/// What data files are, as far as their rows say: which published set each looks like, what it repeats, and what several share. No text of a row
/// is in any line.
/// </summary>
public static class DataCheck
{
    /// <summary>Lines about files, and then about every two of them.</summary>
    /// <exception cref="ScenarioException">A file is missing, or a row cannot be read.</exception>
    public static IEnumerable<string> OfFiles(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var sets = new List<QuestionSet>();
        foreach (var path in paths)
        {
            DataRow[] rows = [.. new DataFile(path).Rows()];
            if (rows.Length == 0) throw new ScenarioException($"{path}: TITER573 The file has no rows. Restore it.");
            yield return string.Create(CultureInfo.InvariantCulture, $"{path}: {rows.Length} rows; fields {FieldNames.Of(rows[0])}");
            var like = DataPresets.Like([.. rows.Take(DataShapes.RowsLookedAt)], rows.Length);
            if (like.Count == 0) yield return "looks like no preset: see 'titer data list', or declare shape and columns";
            foreach (var preset in like) yield return $"looks like preset {preset.Name}: {preset.CountNote(rows.Length)}; licence: {preset.Licence}";
            if (Questions(path, rows, like.Count > 0 ? like[0] : null) is not { } set) continue;
            sets.Add(set);
            yield return set.Repeats();
        }

        foreach (var line in Shared(sets)) yield return line;
    }

    /// <summary>Lines about the parts of a scenario. Parts of one side, the attacker's for example, may share questions.</summary>
    public static IEnumerable<string> OfScenario(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var data = scenario.Data;
        (string Name, IReadOnlyList<ChatExample> Examples)[] parts =
        [
            ("defender_harmful", data.DefenderHarmful), ("attacker_harmful", data.AttackerHarmful), ("evaluation_harmful", data.EvaluationHarmful),
            ("defender_benign", data.DefenderBenign), ("attacker_benign", data.AttackerBenign), ("evaluation_benign", data.EvaluationBenign),
            ("trainability_training", data.TrainabilityTraining), ("trainability_evaluation", data.TrainabilityEvaluation),
        ];
        QuestionSet[] sets = [.. parts.Select(p => new QuestionSet(p.Name, [.. p.Examples.Select(e => e.Question)]))];
        return [.. sets.Select(s => s.Repeats()), .. Shared(sets)];
    }

    /// <summary>A line for each preset.</summary>
    public static IEnumerable<string> Presets() => DataPresets.All.Values.Select(p => p.ToString());

    private static IEnumerable<string> Shared(IReadOnlyList<QuestionSet> sets)
    {
        for (var i = 0; i < sets.Count; i++)
            for (var j = 0; j < i; j++)
                if (sets[i].SharedWith(sets[j]) is { IsAny: true, Line: var line }) yield return line;
        if (sets.Count > 1) yield return string.Create(CultureInfo.InvariantCulture,
            $"nearly: a Jaccard index of {NearDuplicates.Threshold} over runs of {Shingles.Words} words; what is not listed shares nothing");
    }

    /// <summary>Null where the rows are no questions.</summary>
    private static QuestionSet? Questions(string path, DataRow[] rows, DataPreset? preset)
    {
        var name = Path.GetFileName(path);
        if (preset is not null) return new QuestionSet(name, [.. rows.Select(row => PresetRow.QuestionOf(preset, row))]);
        var shape = DataShapes.Recognize([.. rows.Take(DataShapes.RowsLookedAt)], column => column);
        return shape == DataShape.Text ? null
            : new QuestionSet(name, [.. rows.Select(row => RowConversation.Of(row, shape, column => column)?.Prompt).OfType<string>()]);
    }
}
