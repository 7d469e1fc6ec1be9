namespace Titer.Runtime.Conformance.Checks;

/// <summary>What the plugin leaves in the model can be released, whatever the model's sizes are.</summary>
internal static class WeightChecks
{
    public static CheckAnswer LeavesFiniteWeights(ConformanceRun run) => run.OfCommon(trial => trial switch
    {
        { LayoutChange: not null } => CheckAnswer.Skipped("The weights have other shapes than before."),
        { NotFinite: { } name } => CheckAnswer.Failed($"{name} is not finite after {trial.Spent.Steps} steps.",
            "Check the learning rate, logarithms and divisions; MaxGradientNorm helps."),
        _ => CheckAnswer.Passed(),
    });

    public static CheckAnswer KeepsShapesAndTypes(ConformanceRun run) => run.OfCommon(trial => trial.LayoutChange is { } change
        ? CheckAnswer.Failed($"The model is not what it was: {change}.", "Change values only, in place; merge or dispose adapters.")
        : CheckAnswer.Passed());

    public static CheckAnswer PlaysOnAnotherShape(ConformanceRun run) => run.OfCommon(first =>
    {
        var trial = run.Try(run.Settings with { Shape = TrialShape.Second });
        if (!trial.IsComplete) return CheckAnswer.Failed($"On a model of 3 blocks, width 40 and 5 heads it ended with {trial.Fault}",
            "Take sizes from context.Model.Shape and from the tensors, never from a constant.");
        return first.NotFinite is null && trial.NotFinite is { } name
            ? CheckAnswer.Failed($"On a model of 3 blocks, width 40 and 5 heads {name} is not finite; on another it was.",
                "Take sizes from context.Model.Shape and from the tensors, never from a constant.")
            : CheckAnswer.Passed();
    });
}
