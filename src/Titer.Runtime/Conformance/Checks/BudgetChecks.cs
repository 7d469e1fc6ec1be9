using Titer.Sdk;

namespace Titer.Runtime.Conformance.Checks;

/// <summary>The plugin spends what it may, and says what it spent.</summary>
internal static class BudgetChecks
{
    private const int FewSteps = 2;
    private const int FewSamples = 5;
    private const int FewTokens = 50;
    private const int FewSeconds = 5;
    private const string LetItPass = "Let BudgetExceededException pass: catch it nowhere, and charge nothing after it.";

    public static CheckAnswer KeepsToSteps(ConformanceRun run) => run.OfCommon(_ =>
    {
        var trial = run.Try(run.Settings with { Limited = budget => budget with { Steps = FewSteps } });
        if (Overrun(trial, "steps", FewSteps, trial.Spent.Steps) is { } overrun) return overrun;
        // For an attack the exception is a normal end; a defense that lets it escape has failed.
        return run.IsDefense && trial.Fault is { IsBudgetExceeded: true }
            ? CheckAnswer.Failed($"With a budget of {FewSteps} steps it took step {trial.Spent.Steps}, and its match would have failed.",
                "Bound the loop by context.Budget.StepsLeft.")
            : CheckAnswer.Passed($"{Math.Min(trial.Spent.Steps, FewSteps)} of {FewSteps} steps");
    });

    public static CheckAnswer KeepsToSamplesAndTokens(ConformanceRun run) => run.OfCommon(_ =>
    {
        var samples = run.Try(run.Settings with { Limited = budget => budget with { Samples = FewSamples } });
        if (Overrun(samples, "samples", FewSamples, samples.Spent.Samples) is { } overrun) return overrun;
        var tokens = run.Try(run.Settings with { Limited = budget => budget with { Tokens = FewTokens } });
        return Overrun(tokens, "tokens", FewTokens, tokens.Spent.Tokens) ?? CheckAnswer.Passed();
    });

    public static CheckAnswer KeepsToSeconds(ConformanceRun run) => run.OfCommon(_ =>
    {
        // A clock that moves by itself at every reading: the answer does not depend on the machine.
        var trial = run.Try(run.Settings with { Limited = budget => budget with { WallSeconds = FewSeconds }, Clock = new SteppingClock() });
        return Overrun(trial, "seconds", FewSeconds, (long)trial.Spent.WallSeconds) ?? CheckAnswer.Passed();
    });

    public static CheckAnswer ChargesWhatItTrains(ConformanceRun run) => run.OfCommon(trial => trial switch
    {
        { WeightsChanged: false } => CheckAnswer.Passed("it changed no weight"),
        { Spent: { Steps: 0, Samples: 0 } } when !run.IsDefense && run.Manifest.TrainsOn == TrainingData.None =>
            CheckAnswer.Passed("it edits weights and declares so"),
        { Spent: { Steps: 0, Samples: 0 } } =>
            CheckAnswer.Failed("It changed weights and charged neither a step nor a sample.",
                "Train through context.Model.Forward and call context.Step() after every change; an attack that only edits weights declares "
                    + "TrainsOn = TrainingData.None."),
        { Spent.Steps: 0 } => CheckAnswer.Failed($"It changed weights with {trial.Spent.Samples} samples and never called context.Step().",
            "Call context.Step() after every optimizer step: the trajectory is measured there."),
        { Spent: { Steps: 1, Samples: 0 } } => CheckAnswer.Passed("it edits weights, as one step"),
        { Spent.Samples: 0 } => CheckAnswer.Warned($"It changed weights in {trial.Spent.Steps} steps without a forward pass that counts.",
            "Use context.Model.Forward with gradients on; otherwise its cost cannot be compared."),
        _ => CheckAnswer.Passed($"{trial.Spent.Steps} steps, {trial.Spent.Samples} samples"),
    });

    public static CheckAnswer ReportsRisingSteps(ConformanceRun run) => run.OfCommon(trial =>
    {
        var steps = trial.ReportedSteps;
        var at = Enumerable.Range(1, Math.Max(0, steps.Count - 1)).FirstOrDefault(i => steps[i] < steps[i - 1]);
        return at > 0
            ? CheckAnswer.Failed($"It reported step {steps[at]} after step {steps[at - 1]}.",
                "Report the number of optimizer steps so far to context.Progress.")
            : CheckAnswer.Passed(steps.Count == 0 ? "it reports nothing" : $"{steps.Count} reports");
    });

    private static CheckAnswer? Overrun(TrialOutcome trial, string unit, long limit, long spent) => trial switch
    {
        { IsStuck: true } =>
            CheckAnswer.Failed($"With a budget of {limit} {unit} it did not come back within {ConformanceTrial.Deadline.TotalSeconds:0} s.",
                LetItPass),
        { Refusals: > 1 } =>
            CheckAnswer.Failed($"With a budget of {limit} {unit} it went on to {spent} after {trial.Refusals} refusals.", LetItPass),
        { IsComplete: false } => CheckAnswer.Failed($"With a budget of {limit} {unit} it threw {trial.Fault}", LetItPass),
        _ => null,
    };
}
