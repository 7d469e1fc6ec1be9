using Titer.Sdk;

namespace Titer.Runtime.Conformance.Checks;

/// <summary>The plugin takes its data as it is.</summary>
internal static class DataChecks
{
    public static CheckAnswer PlaysOnMinimalData(ConformanceRun run) => run.OfCommon(first =>
    {
        var trial = run.Try(run.Settings with { Examples = 1 });
        if (!trial.IsComplete) return CheckAnswer.Failed($"On data sets of one example it ended with {trial.Fault}",
            "Draw batches with Shuffle(...).Next(), which fills them, or take Count into account.");
        return first.NotFinite is null && trial.NotFinite is { } name
            ? CheckAnswer.Failed($"On data sets of one example {name} is not finite; on more it was.",
                "Look for a division by a variance or a distance between equal rows.")
            : CheckAnswer.Passed();
    });

    public static CheckAnswer LeavesDataAlone(ConformanceRun run) => run.OfCommon(trial => trial.DataChanged
        ? CheckAnswer.Failed("It wrote into the tokens of its data sets.", "Copy what you change: the same examples are drawn again.")
        : CheckAnswer.Passed());

    public static CheckAnswer TrainsOnWhatItDeclares(ConformanceRun run)
    {
        if (run.IsDefense) return CheckAnswer.Skipped("Only attacks declare it.");
        var declared = run.Manifest.TrainsOn;
        // Where trials are as phases are, the first one is refused already.
        if (run.MakingProblem is null && run.Common.Fault?.UndeclaredData is { } refused) return Undeclared(refused);
        return run.OfCommon(_ =>
        {
            var trial = run.Try(run.Settings with { TrainsOn = declared });
            if (trial.Fault?.UndeclaredData is { } undeclared) return Undeclared(undeclared);
            if (!trial.IsComplete) return CheckAnswer.Failed($"With its declared data ({declared}) it ended with {trial.Fault}",
                "Declare what it trains on in its TiterPlugin attribute.");
            if (declared == TrainingData.None) return CheckAnswer.Passed();
            // With less than it declares it must ask in vain.
            var less = run.Try(run.Settings with { TrainsOn = declared == TrainingData.Harmful ? TrainingData.Benign : TrainingData.None });
            return less.IsComplete
                ? CheckAnswer.Warned($"It declares TrainsOn = {declared} and never asked for such data.",
                    "Declare less in its TiterPlugin attribute.")
                : CheckAnswer.Passed($"{declared}");
        });
    }

    private static CheckAnswer Undeclared(string fact) => CheckAnswer.Failed(fact,
        "Declare what it trains on: a harmful attack is played twice, once on domains that the defender never saw.");
}
