using Titer.Plugins;
using Titer.Runtime.Conformance.Checks;

namespace Titer.Runtime.Conformance;

/// <summary>
/// Every check, in the order of asking: what later ones need comes first, what may leave a thread behind comes last. Codes are published and
/// never change their meaning.
/// </summary>
internal static class ConformanceChecks
{
    public static ConformanceCheck IsMade { get; } = new("TITER801", "is made with its default options", PlayChecks.IsMade);

    public static ConformanceCheck PlaysWithoutFault { get; } = new("TITER802", "plays without a fault", PlayChecks.PlaysWithoutFault);

    public static ConformanceCheck SameSeedSameWeights { get; } =
        new("TITER803", "gives bit-equal weights for the same seed", PlayChecks.SameSeedSameWeights);

    public static ConformanceCheck OtherSeedPlays { get; } = new("TITER804", "plays with another seed", PlayChecks.OtherSeedPlays);

    public static ConformanceCheck KeepsToSteps { get; } = new("TITER805", "respects the step budget", BudgetChecks.KeepsToSteps);

    public static ConformanceCheck KeepsToSamplesAndTokens { get; } =
        new("TITER806", "respects the budgets of samples and tokens", BudgetChecks.KeepsToSamplesAndTokens);

    public static ConformanceCheck KeepsToSeconds { get; } = new("TITER807", "respects the budget of seconds", BudgetChecks.KeepsToSeconds);

    public static ConformanceCheck ChargesWhatItTrains { get; } =
        new("TITER808", "charges the training that it does", BudgetChecks.ChargesWhatItTrains);

    public static ConformanceCheck ReportsRisingSteps { get; } = new("TITER809", "reports rising steps", BudgetChecks.ReportsRisingSteps);

    public static ConformanceCheck LeavesFiniteWeights { get; } = new("TITER810", "leaves finite weights", WeightChecks.LeavesFiniteWeights);

    public static ConformanceCheck KeepsShapesAndTypes { get; } = new("TITER811", "keeps shapes and data types", WeightChecks.KeepsShapesAndTypes);

    public static ConformanceCheck PlaysOnAnotherShape { get; } =
        new("TITER812", "plays on a model of another shape", WeightChecks.PlaysOnAnotherShape);

    public static ConformanceCheck PlaysOnMinimalData { get; } = new("TITER813", "plays on one example of each kind", DataChecks.PlaysOnMinimalData);

    public static ConformanceCheck LeavesDataAlone { get; } = new("TITER814", "leaves its data alone", DataChecks.LeavesDataAlone);

    public static ConformanceCheck TrainsOnWhatItDeclares { get; } =
        new("TITER815", "trains on what it declares", DataChecks.TrainsOnWhatItDeclares);

    public static ConformanceCheck LeavesNoTensors { get; } = new("TITER816", "leaves no live tensors", HygieneChecks.LeavesNoTensors);

    public static ConformanceCheck LeavesTorchStateAlone { get; } =
        new("TITER817", "leaves torch's global state alone", HygieneChecks.LeavesTorchStateAlone);

    public static ConformanceCheck LeavesGlobalGeneratorAlone { get; } =
        new("TITER818", "leaves torch's global generator alone", HygieneChecks.LeavesGlobalGeneratorAlone);

    public static ConformanceCheck PrintsNothing { get; } = new("TITER819", "prints nothing", HygieneChecks.PrintsNothing);

    public static ConformanceCheck OptionsRoundTrip { get; } = new("TITER820", "reads its options back as written", PackageChecks.OptionsRoundTrip);

    public static ConformanceCheck UsesNoClockOrGlobalRandomness { get; } =
        new("TITER821", "uses no clock and no randomness of its own", PackageChecks.UsesNoClockOrGlobalRandomness);

    public static ConformanceCheck Unloads { get; } = new("TITER822", "unloads", PackageChecks.Unloads);

    public static ConformanceCheck StopsWhenCancelled { get; } =
        new("TITER823", "stops within a second of cancellation", StopChecks.StopsWhenCancelled);

    public static ConformanceCheck ScoresEachAnswer { get; } = new("TITER824", "gives one score in [0, 1] for each answer",
        MetricChecks.ScoresEachAnswer);

    public static ConformanceCheck SameAnswersSameScores { get; } = new("TITER825", "gives the same scores for the same answers",
        MetricChecks.SameAnswersSameScores);

    public static ConformanceCheck ScoresAnswerByAnswer { get; } = new("TITER826", "scores answer by answer, and keeps nothing between calls",
        MetricChecks.ScoresAnswerByAnswer);

    public static ConformanceCheck SurvivesOddAnswers { get; } = new("TITER827", "survives empty, very long and odd answers",
        MetricChecks.SurvivesOddAnswers);

    /// <summary>Those of a metric, which plays no phase.</summary>
    public static IReadOnlyList<ConformanceCheck> OfMetrics { get; } =
        [IsMade, ScoresEachAnswer, SameAnswersSameScores, ScoresAnswerByAnswer, SurvivesOddAnswers, OptionsRoundTrip,
            UsesNoClockOrGlobalRandomness, Unloads];

    /// <summary>Those of a plugin of that kind, in the order of asking.</summary>
    public static IReadOnlyList<ConformanceCheck> For(PluginKind kind) => kind == PluginKind.Metric ? OfMetrics : All;

    /// <summary>Those of defenses and attacks.</summary>
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        IsMade, PlaysWithoutFault, SameSeedSameWeights, OtherSeedPlays,
        KeepsToSteps, KeepsToSamplesAndTokens, KeepsToSeconds, ChargesWhatItTrains, ReportsRisingSteps,
        LeavesFiniteWeights, KeepsShapesAndTypes, PlaysOnAnotherShape,
        PlaysOnMinimalData, LeavesDataAlone, TrainsOnWhatItDeclares,
        LeavesNoTensors, LeavesTorchStateAlone, LeavesGlobalGeneratorAlone, PrintsNothing,
        OptionsRoundTrip, UsesNoClockOrGlobalRandomness, Unloads, StopsWhenCancelled,
    ];
}
