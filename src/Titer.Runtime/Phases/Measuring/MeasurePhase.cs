using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// The measurer's side of a phase that another process plays: takes an attack's weights, measures them, and says when that is enough; takes a
/// defense's and writes the file that is released. Loads no plugin.
/// </summary>
internal sealed class MeasurePhase(PhaseOrder order, ScenarioSession session, ISupervisorLine line, IPhaseEvents events)
{
    /// <summary>What a player handed over is not what its phase can hand over.</summary>
    public const string RefusedCode = "TITER240";

    public PhaseResult Play(CausalLanguageModel model)
    {
        using var taken = new TakenModel(model, order.HandOverFile!);
        return order.Phase.Kind == PhaseKind.Attack ? Measure(model, taken) : Release(model, taken);
    }

    /// <param name="problem">For the middle of a sentence.</param>
    public static PhaseResult Refused(PhaseOrder order, string problem) => order.Phase.Failed(PhaseStatus.Invalid, RefusedCode,
        $"The weights that the plugin's process handed over were refused: {problem}. Code of a plugin must leave the host's pipe and files alone.");

    private PhaseResult Measure(CausalLanguageModel model, TakenModel taken)
    {
        var measurer = new TrajectoryMeasurer(order, session, events);
        // The released weights need nobody's hand-over: while the player starts.
        measurer.Measure(model, 0, default);
        line.Done(measurer.IsEnough, measurer.WorstHarm, SpeedOn(model));
        while (line.Take() is { } wanted)
        {
            // Whatever has no weights comes before the first ones, and asks the released model.
            if (wanted.HandOver is { } handOver && taken.Take(handOver) is { } problem) return Refused(order, problem);
            var (step, spent) = wanted.HandOver is { } given ? (given.Step, given.Spent) : (0, default);
            if (wanted.Wrappers is null) measurer.Measure(model, step, spent);
            else if (measurer.Problem(model, wanted.Wrappers) is { } refusal)
            {
                line.Done(measurer.IsEnough, measurer.WorstHarm, refusal: refusal);
                continue;
            }
            else measurer.Ask(model, wanted.Wrappers, step, spent);
            line.Done(measurer.IsEnough, measurer.WorstHarm);
        }

        return order.Phase.Done() with { Trajectory = measurer.End() };
    }

    private PhaseResult Release(CausalLanguageModel model, TakenModel taken)
    {
        line.Done(isEnough: false, worstHarm: null, SpeedOn(model));
        if (line.Take() is not { HandOver: { } handOver }) return order.Phase.Done();
        var problem = handOver.Factors.Count > 0 ? "an adapter is attached, and only weights are released" : taken.Take(handOver);
        if (problem is not null) return Refused(order, problem);
        CheckpointWriter.WriteWeights(model, order.OutputWeightsFile!, session.Scenario.SubjectFolder);
        line.Done(isEnough: true, worstHarm: null);
        // The player ends in its own time.
        line.Take();
        return order.Phase.Done();
    }

    private double? SpeedOn(CausalLanguageModel model) => order.MeasuresSpeed ? ReferenceStep.Seconds(model, session) : null;
}
