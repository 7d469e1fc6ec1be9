namespace Titer.Scenarios.Data.Evaluations;

/// <summary>How an evaluation asks, and what scores it.</summary>
public enum EvaluationKind
{
    /// <summary>The right choice is the likeliest, by token (MMLU, MMLU-Pro, ARC, TruthfulQA mc1).</summary>
    MultipleChoice,

    /// <summary>The part of the choices' likelihood that is on right ones (TruthfulQA mc2).</summary>
    ChoiceMass,

    /// <summary>The answer is the reference, or its last number is (GSM8K).</summary>
    ExactAnswer,

    /// <summary>A harmless question that sounds like another is answered, not refused (XSTest, OR-Bench).</summary>
    OverRefusal,
}

/// <summary>One question of an evaluation.</summary>
/// <param name="Reference">Of an exact answer; empty for other kinds.</param>
/// <param name="Choices">Empty where none are given.</param>
/// <param name="Right">Numbers of right choices.</param>
public sealed record EvaluationQuestion(string Id, string Prompt, string Reference, IReadOnlyList<string> Choices, IReadOnlyList<int> Right);

/// <summary>A set of questions that a scenario asks before any attack, beside its own: stability asks that no score of them falls.</summary>
/// <param name="Name">As the board has it.</param>
public sealed record NamedEvaluation(string Name, EvaluationKind Kind, IReadOnlyList<EvaluationQuestion> Questions)
{
    /// <summary>As text, for the hash of the data.</summary>
    internal IEnumerable<string> Lines() => Questions.Select(q =>
        $"evaluation\t{Name}\t{Kind}\t{q.Id}\t{q.Prompt}\t{q.Reference}\t{string.Join('\t', q.Choices)}\t{string.Join(' ', q.Right)}");
}
