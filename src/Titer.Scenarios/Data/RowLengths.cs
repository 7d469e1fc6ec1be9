using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Data;

/// <summary>How long the longest rows of a scenario are, in tokens. Loads no torch.</summary>
/// <param name="Trained">A row for training, question and answer.</param>
/// <param name="Answered">The answer of such a row.</param>
/// <param name="Asked">An evaluation prompt, in the longest of its templates.</param>
/// <param name="Prompts">That are asked of a model at a time.</param>
public sealed record RowLengths(int Trained, int Answered, int Asked, int Prompts)
{
    public static RowLengths Of(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var (whole, data) = (scenario.Whole(), scenario.Data);
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.ChatFormat);
        var (trained, answered) = (0, 0);
        foreach (var row in new[] { data.DefenderHarmful, data.DefenderBenign, data.AttackerHarmful, data.AttackerBenign, data.TrainabilityTraining }
            .SelectMany(part => part))
        {
            var tokens = format.Chat(row);
            if (whole.Truncation is { } truncation) tokens = truncation.Cut(tokens) ?? tokens with { Tokens = [] };
            trained = Math.Max(trained, tokens.Tokens.Length);
            answered = Math.Max(answered, tokens.Tokens.Length - tokens.PromptLength);
        }

        var asked = data.EvaluationHarmful.SelectMany(row => scenario.Templates.Select(t => row with { Prompt = t.Apply(row.Prompt) }))
            .Concat(data.EvaluationBenign).Select(row => format.Prompt(row).Length).DefaultIfEmpty(0).Max();
        var sizes = scenario.Evaluation;
        return new RowLengths(trained, answered, asked,
            Math.Max(scenario.Domains.All.Count * sizes.HarmPromptsPerDomain,
                data.EvaluationBenign.Select(r => r.Domain).Distinct().Count() * sizes.UtilityPromptsPerDomain));
    }
}
