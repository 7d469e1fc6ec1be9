namespace Titer.Runtime.Conformance.Checks;

/// <summary>The plugin plays at all, and plays the same match the same way.</summary>
internal static class PlayChecks
{
    private const ulong SeedStep = 1;

    public static CheckAnswer IsMade(ConformanceRun run) =>
        run.MakingProblem is { } problem ? CheckAnswer.Failed($"{problem.Code} {problem.Fact}", problem.Fix) : CheckAnswer.Passed();

    public static CheckAnswer PlaysWithoutFault(ConformanceRun run) =>
        run.MakingProblem is not null ? CheckAnswer.Skipped("It cannot be made.") : run.Common switch
    {
        { IsStuck: true } =>
            CheckAnswer.Failed(
                $"It did not return within {ConformanceTrial.Deadline.TotalSeconds:0} s from {TrialGround.Steps} steps on a small model.",
                "Bound every loop by context.Budget.StepsLeft, and call context.Step() in it."),
        { IsComplete: false, Fault: { } fault } =>
            CheckAnswer.Failed($"It threw {fault}", "Correct the plugin: a match that it throws in is a failed one."),
        _ => CheckAnswer.Passed(),
    };

    public static CheckAnswer SameSeedSameWeights(ConformanceRun run) => run.OfCommon(first =>
    {
        var second = run.Try(run.AsPlayed);
        if (!second.IsComplete) return CheckAnswer.Failed($"The second of two equal runs ended with {second.Fault}",
            "Keep nothing between two matches: no static state.");
        if (first.LayoutChange is not null || second.LayoutChange is not null)
            return CheckAnswer.Skipped("The weights have other shapes than before.");
        if (TrialState.SameBits(first.After, second.After)) return CheckAnswer.Passed($"seed {run.Seed}");
        var differing = first.After.Zip(second.After)
            .Count(p => BitConverter.SingleToInt32Bits(p.First) != BitConverter.SingleToInt32Bits(p.Second));
        return CheckAnswer.Failed($"Two runs with seed {run.Seed} differ in {differing} of {first.After.Count} weights.",
            "Draw all randomness from context.Random, and keep nothing between two matches.");
    });

    public static CheckAnswer OtherSeedPlays(ConformanceRun run) => run.OfCommon(first =>
    {
        var other = run.Try(run.Settings with { Seed = run.Seed + SeedStep });
        return !other.IsComplete
            ? CheckAnswer.Failed($"With seed {run.Seed + SeedStep} it ended with {other.Fault}; with seed {run.Seed} it played.",
                "Look for what depends on the order of the data.")
            : CheckAnswer.Passed(first.After.Count != other.After.Count || first.LayoutChange is not null || other.LayoutChange is not null ? null
                : TrialState.SameBits(first.After, other.After) ? "the weights are the same" : "the weights differ, as they may");
    });
}
