using System.Globalization;

namespace Titer.Scenarios.Data.Evaluations;

/// <summary>What of the evaluations the subject can read: questions that are too long are left out, and counted.</summary>
internal static class EvaluationFit
{
    /// <param name="newTokens">That an answer may have.</param>
    /// <param name="losses">Gets a line for each evaluation that loses questions.</param>
    /// <exception cref="ScenarioException">Nothing of one is left.</exception>
    public static IReadOnlyList<NamedEvaluation> Of(string path, IReadOnlyList<NamedEvaluation> evaluations, ChatFormat format, int mostTokens,
        int newTokens, List<string> losses)
    {
        var fitting = new List<NamedEvaluation>();
        foreach (var evaluation in evaluations)
        {
            var room = mostTokens - (evaluation.Kind is EvaluationKind.ExactAnswer or EvaluationKind.OverRefusal ? newTokens : 1);
            EvaluationQuestion[] left = [.. evaluation.Questions.Where(q => format.Prompt(q.Prompt).Length <= room)];
            if (left.Length == 0)
                throw new ScenarioException($"{path}: TITER589 No question of the evaluation '{evaluation.Name}' leaves room for an answer within {
                    mostTokens.ToString(CultureInfo.InvariantCulture)} tokens. Set a smaller evaluation.max_new_tokens, or leave it out.");
            if (left.Length < evaluation.Questions.Count)
                losses.Add(string.Create(CultureInfo.InvariantCulture,
                    $"evaluation {evaluation.Name}: {evaluation.Questions.Count - left.Length} of {evaluation.Questions.Count} questions are too "
                        + $"long"));
            fitting.Add(evaluation with { Questions = left });
        }

        return fitting;
    }
}
