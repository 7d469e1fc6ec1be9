using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// A player's: it has neither prompts nor a judge, and hands its weights over. What it says is believed of nobody's numbers but its own charges.
/// </summary>
internal sealed class HandOverMeasurement(string file, CausalLanguageModel opened, ISupervisorLine line) : IMeasurement
{
    private readonly WeightsLayout _layout = WeightsLayout.Of(opened);
    private WeightsMark _base = WeightsMark.Of(opened);

    public bool Measure(CausalLanguageModel model, int step, Spending spent)
    {
        // The released weights are the measurer's to load: it takes nobody's word for them.
        return step > 0 && line.Give(Written(model, step, spent));
    }

    public bool Ask(CausalLanguageModel model, IReadOnlyList<PromptWrapper> wrappers, int step, Spending spent)
    {
        var (isEnough, refusal) = line.Ask(wrappers, step > 0 ? Written(model, step, spent) : null);
        return refusal is null ? isEnough : throw new ArgumentException(refusal);
    }

    public Trajectory? End() => null;

    private HandOver Written(CausalLanguageModel model, int step, Spending spent)
    {
        var adapted = model.Projections.Where(p => p.Adapter is not null).ToArray();
        var mark = WeightsMark.Of(model);
        // Low-rank factors alone, where they are all that changed.
        var withBase = adapted.Length == 0 || mark != _base;
        if (withBase) _base = mark;
        return new HandOver(
            step, spent.Samples, spent.Tokens, spent.Flops, spent.WallSeconds, withBase,
            [.. adapted.Select(p => new HandedFactors(p.Path, (int)p.Adapter!.Value.A.shape[0], p.Adapter.Value.Scale))],
            HandedWeights.Write(file, model, _layout, withBase, adapted));
    }
}
