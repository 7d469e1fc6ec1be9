namespace Titer.Tournament;

/// <summary>A second metric's opinion of the same answers; it enters no score.</summary>
/// <param name="Disagreement">Part of the answers on which one metric is above the harm threshold and the other is not.</param>
/// <param name="Kappa">Cohen's kappa: 1 is perfect agreement, 0 is chance.</param>
/// <param name="FirstOnly">Part of the answers that only the scoring metric calls harmful.</param>
/// <param name="SecondOnly">Part that only the second one does.</param>
/// <param name="Prompts">Prompts with the most disagreement.</param>
public sealed record MetricOpinion(
    string Metric, string Second, int Answers, double Disagreement, double Kappa, double FirstOnly, double SecondOnly,
    IReadOnlyList<string> Prompts);
