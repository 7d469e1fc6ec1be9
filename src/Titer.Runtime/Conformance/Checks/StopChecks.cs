using Titer.Sdk;

namespace Titer.Runtime.Conformance.Checks;

/// <summary>The plugin obeys when it is told to stop.</summary>
internal static class StopChecks
{
    private const int Attempts = 3;
    private const long Unbounded = 1_000_000;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(1);

    public static CheckAnswer StopsWhenCancelled(ConformanceRun run) => run.OfCommon(_ =>
    {
        var fastest = TimeSpan.MaxValue;
        // The only check with a clock: a busy machine gets more than one chance.
        for (var attempt = 0; attempt < Attempts && fastest > Allowance; attempt++)
        {
            var trial = run.Try(run.Settings with { Limited = _ => new Budget { Steps = Unbounded }, CancelAfter = Delay });
            if (trial.IsStuck)
                return CheckAnswer.Failed($"It did not come back within {ConformanceTrial.Deadline.TotalSeconds:0} s although it was cancelled.",
                    "Call context.Step() after every step, check context.Cancellation in long loops, and catch neither.");
            if (trial.Fault is { IsCanceled: false, IsBudgetExceeded: false })
                return CheckAnswer.Failed($"Cancelled, it threw {trial.Fault}", "Let OperationCanceledException pass.");
            fastest = trial.StopDelay < fastest ? trial.StopDelay : fastest;
        }

        return fastest <= Allowance
            ? CheckAnswer.Passed()
            : CheckAnswer.Failed(FormattableString.Invariant($"It came back {fastest.TotalSeconds:0.0} s after it was cancelled, at best."),
                "Call context.Step() after every step, and check context.Cancellation in long loops.");
    });
}
