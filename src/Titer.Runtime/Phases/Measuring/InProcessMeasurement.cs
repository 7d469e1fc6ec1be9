using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// The short cut: the process that plays measures, too. For the host's own plugins, and for an author's match, whose scores nobody has to believe.
/// </summary>
internal sealed class InProcessMeasurement(TrajectoryMeasurer measurer, IPhaseEvents events) : IMeasurement
{
    private readonly TorchState _globals = TorchState.Capture();

    public bool Measure(CausalLanguageModel model, int step, Spending spent) =>
        InTheMiddle(model, step, () => measurer.Measure(model, step, spent));

    public bool Ask(CausalLanguageModel model, IReadOnlyList<PromptWrapper> wrappers, int step, Spending spent)
    {
        if (measurer.Problem(model, wrappers) is { } problem) throw new ArgumentException(problem);
        return InTheMiddle(model, step, () =>
        {
            using var released = step == 0 ? measurer.LoadReleased() : null;
            measurer.Ask(released ?? model, wrappers, step, spent);
        });
    }

    public Trajectory End() => measurer.End();

    /// <summary>Called from the middle of the plugin's loop: its settings must not reach the evaluation.</summary>
    private bool InTheMiddle(CausalLanguageModel model, int step, Action measure)
    {
        var (theirs, plain) = (TorchState.Capture(), model.PlainAttention);
        _globals.Restore();
        model.PlainAttention = false;
        try
        {
            measure();
        }
        finally
        {
            model.PlainAttention = plain;
            theirs.Restore();
        }

        events.Report(new PhaseProgress(PhaseStage.Playing, step, Harm: measurer.WorstHarm));
        return measurer.IsEnough;
    }
}
