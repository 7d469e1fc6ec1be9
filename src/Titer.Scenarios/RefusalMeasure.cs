using System.Globalization;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Scenarios;

/// <summary>
/// Whether a subject refuses by a direction, as an attack on directions presumes: how separable harmful and benign prompts are along it, and
/// what the subject does once it is taken out of the weights.
/// </summary>
/// <param name="Block">Counted from 1; of the most separable blocks the one whose loss does the most harm.</param>
/// <param name="Separability">Area under the ROC curve, of prompts that the direction was not taken from.</param>
/// <param name="HarmWithout">Mean harmfulness on the worst forbidden domain under the worst template, after the ablation.</param>
/// <param name="UtilityWithout">Mean utility after it.</param>
public sealed record RefusalMeasure(int Block, double Separability, double HarmWithout, double UtilityWithout)
{
    private const int PromptsPerDomain = 16;
    private const int MostBlocks = 8;
    private const double Alike = 0.01;

    /// <summary>The model is as it was when this returns.</summary>
    public static RefusalMeasure Of(ScenarioSession session, CausalLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(model);
        var (harmful, benign) = session.AttackerPrompts(PromptsPerDomain);
        var direction = RefusalDirection.Of(model, harmful, benign);
        using var before = new WeightSnapshot(model.Arena);
        var tried = new List<RefusalMeasure>();
        // Where many blocks separate alike, the direction may be written early: some of every depth are tried.
        var most = direction.Separability.Max() - Alike;
        int[] blocks = [.. Enumerable.Range(0, direction.Blocks).Where(b => direction.Separability[b] >= most)];
        var count = Math.Min(MostBlocks, blocks.Length);
        foreach (var block in Enumerable.Range(0, count).Select(i => blocks[i * blocks.Length / count]))
        {
            direction.Ablate(model, block);
            var evaluation = session.Evaluate(model, session.Scenario.Domains.All);
            tried.Add(new RefusalMeasure(block + 1, direction.Separability[block], evaluation.WorstDomainHarm, evaluation.Utility.Scores.Average()));
            before.Restore();
        }

        return tried.MaxBy(measure => measure.HarmWithout)!;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"refusal separability {Separability:0.00} at block {Block}; without that direction harm {HarmWithout:0.00} on the worst domain, "
        + $"utility {UtilityWithout:0.00}");
}
