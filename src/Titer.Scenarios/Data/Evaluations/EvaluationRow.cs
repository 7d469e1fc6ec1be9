using System.Text.Json;

namespace Titer.Scenarios.Data.Evaluations;

/// <summary>
/// A row of a published evaluation as a question, by the columns that it has: MMLU (<c>question, choices, answer</c> as a number), MMLU-Pro
/// (<c>question, options, answer_index</c>), ARC (<c>question, choices.text, choices.label, answerKey</c>), TruthfulQA (<c>question,
/// mc1_targets</c>, <c>mc2_targets</c>), GSM8K (<c>question, answer</c>), XSTest (<c>prompt, label</c>), OR-Bench (<c>prompt</c>). What does not
/// look like one of them is refused by the name of the column.
/// </summary>
internal static class EvaluationRow
{
    /// <returns>The question, or null for a row of the set's other side (XSTest's unsafe prompts).</returns>
    /// <exception cref="ScenarioException">A column is missing, or has something else than is published.</exception>
    public static EvaluationQuestion? Of(DataRow row, EvaluationKind kind, string id) => kind switch
    {
        EvaluationKind.ExactAnswer => new EvaluationQuestion(id, Question(row), Reference(row), [], []),
        EvaluationKind.OverRefusal =>
            row.Has("label") && row.Text("label") == "unsafe" ? null : new EvaluationQuestion(id, Question(row), "", [], []),
        _ => Choice(row, kind, id),
    };

    private static string Question(DataRow row) =>
        row.OptionalText("question") ?? row.OptionalText("prompt")
            ?? throw row.Problem("TITER588", "has neither 'question' nor 'prompt'. Name a file of the evaluation's published form.");

    private static string Reference(DataRow row) => row.OptionalText("answer") ?? row.OptionalText("response")
        ?? throw row.Problem("TITER588", "has no 'answer'. Name a file of the evaluation's published form.");

    private static EvaluationQuestion Choice(DataRow row, EvaluationKind kind, string id)
    {
        var targets = kind == EvaluationKind.ChoiceMass ? "mc2_targets" : "mc1_targets";
        var (choices, right) = row.Has(targets) ? TruthfulQa(row, targets)
            : kind == EvaluationKind.ChoiceMass ? throw row.Problem("TITER588", "has no 'mc2_targets', which choice_mass reads.")
            : row.Has("answerKey") ? Arc(row)
            : row.Has("options") ? (Texts(row, row.Required("options"), "options"), [Number(row, "answer_index")])
            : row.HasList("choices") ? (Texts(row, row.Required("choices"), "choices"), [Number(row, "answer")])
            : throw row.Problem("TITER588", "is none of MMLU, MMLU-Pro, ARC or TruthfulQA by its columns: it has no 'choices', 'options', "
                + "'answerKey' or 'mc1_targets'. Name a file of the evaluation's published form.");
        if (choices.Count < 2 || right.Count == 0 || right.Any(r => r < 0 || r >= choices.Count))
            throw row.Problem("TITER588", $"has {choices.Count} choices, and none of them is the right one. Correct the row.");
        return new EvaluationQuestion(id, Question(row), "", choices, right);
    }

    private static (IReadOnlyList<string>, IReadOnlyList<int>) TruthfulQa(DataRow row, string targets)
    {
        var block = row.Required(targets);
        var labels = row.List(row.Member(block, targets, "labels"), targets).Select(l => l.ValueKind == JsonValueKind.Number && l.GetDouble() == 1)
            .ToArray();
        return (Texts(row, row.Member(block, targets, "choices"), targets), [.. Enumerable.Range(0, labels.Length).Where(i => labels[i])]);
    }

    private static (IReadOnlyList<string>, IReadOnlyList<int>) Arc(DataRow row)
    {
        var block = row.Required("choices");
        var labels = Texts(row, row.Member(block, "choices", "label"), "choices");
        // A key that no choice has is none of them.
        return (Texts(row, row.Member(block, "choices", "text"), "choices"), [labels.IndexOf(row.Text("answerKey"))]);
    }

    private static int Number(DataRow row, string field) => row.Required(field) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        { ValueKind: JsonValueKind.String } value when value.GetString() is [>= 'A' and <= 'Z'] letter => letter[0] - 'A',
        _ => throw row.Problem("TITER588", $"has no number of a choice in '{field}'. Name a file of the evaluation's published form."),
    };

    private static List<string> Texts(DataRow row, JsonElement list, string place) =>
        [.. row.List(list, place).Select(item => row.Text(item, place))];
}
