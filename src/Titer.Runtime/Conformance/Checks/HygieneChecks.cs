namespace Titer.Runtime.Conformance.Checks;

/// <summary>The process is after the match what it was before.</summary>
internal static class HygieneChecks
{
    private const int MostShown = 60;

    public static CheckAnswer LeavesNoTensors(ConformanceRun run) => run.OfCommon(trial => trial switch
    {
        { LayoutChange: not null } => CheckAnswer.Skipped("The model holds other tensors than before."),
        { LiveTensors: > 0 } => CheckAnswer.Failed($"{trial.LiveTensors} tensors were alive after {trial.Spent.Steps} steps.",
            "Work inside using var scope = torch.NewDisposeScope() per step, and dispose what you keep over steps."),
        _ => CheckAnswer.Passed(),
    });

    public static CheckAnswer LeavesTorchStateAlone(ConformanceRun run) => run.OfCommon(trial => trial switch
    {
        { GlobalsChange: { } change } =>
            CheckAnswer.Failed($"It changed {change} and left it so.",
                "Pass dtype and device to the functions that take them, or restore what you set."),
        { LeftGradientsOff: true } => CheckAnswer.Failed("It left gradients turned off.", "Write using var noGrad = torch.no_grad()."),
        _ => CheckAnswer.Passed(),
    });

    public static CheckAnswer LeavesGlobalGeneratorAlone(ConformanceRun run) => run.OfCommon(trial => trial.GlobalGeneratorMoved
        ? CheckAnswer.Failed("It drew from torch's global generator, or seeded it.",
            "Draw with context.Random.Normal or Uniform, or pass generator: context.Random.Generator to torch.randperm and its like; "
            + "dropout has no such parameter.")
        : CheckAnswer.Passed());

    public static CheckAnswer PrintsNothing(ConformanceRun run) => run.OfCommon(trial => trial.Printed.Length > 0
        ? CheckAnswer.Failed($"It wrote to the console, beginning with '{Beginning(trial.Printed)}'.",
            "Write to context.Log: it is kept with the match.")
        : CheckAnswer.Passed());

    private static string Beginning(string text)
    {
        var line = text.Split('\n')[0].Trim();
        return line.Length <= MostShown ? line : line[..MostShown];
    }
}
