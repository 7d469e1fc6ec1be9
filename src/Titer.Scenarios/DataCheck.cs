using Titer.Scenarios.Data;
using Titer.Scenarios.Data.Overlap;
using Titer.Scenarios.Data.Presets;

namespace Titer.Scenarios;

/// <summary>
/// Looks at data files: which published set each looks like, what it repeats, and what several share.
/// </summary>
public static class DataCheck
{
    /// <exception cref="ScenarioException">A file is missing, or a row cannot be read.</exception>
    public static DataCheckReport OfFiles(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var (files, sets) = (new List<CheckedFile>(), new List<QuestionSet>());
        foreach (var path in paths)
        {
            DataRow[] rows = [.. new DataFile(path).Rows()];
            if (rows.Length == 0) throw new ScenarioException($"{path}: TITER573 The file has no rows. Restore it.");
            var like = DataPresets.Like([.. rows.Take(DataShapes.RowsLookedAt)], rows.Length);
            var questions = Questions(path, rows, like.Count > 0 ? like[0] : null);
            if (questions is not null) sets.Add(questions);
            files.Add(new CheckedFile(path, rows.Length, FieldNames.Of(rows[0]),
                [.. like.Select(preset => new LikelyPreset(preset.Name, preset.CountNote(rows.Length), preset.Licence))], questions?.Repeats()));
        }

        return new DataCheckReport(files, [.. files.Select(f => f.Questions).OfType<RepeatedQuestions>()], Shared(sets));
    }

    /// <summary>The parts of a scenario. Parts of one side, the attacker's for example, may share questions.</summary>
    public static DataCheckReport OfScenario(Scenario scenario)
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
        return new DataCheckReport([], [.. sets.Select(s => s.Repeats())], Shared(sets));
    }

    private static SharedQuestions[] Shared(IReadOnlyList<QuestionSet> sets) =>
    [
        .. Enumerable.Range(0, sets.Count).SelectMany(i => Enumerable.Range(0, i).Select(j => sets[i].SharedWith(sets[j]))).Where(s => s.IsAny),
    ];

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
