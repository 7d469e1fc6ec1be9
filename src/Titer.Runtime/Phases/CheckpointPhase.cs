using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// A defend phase of a model that was made elsewhere: its weights, in the subject's form, are what attackers meet. Nobody's code runs, and nothing
/// was spent that can be seen here.
/// </summary>
internal sealed class CheckpointPhase(PhaseOrder order, ScenarioSession session)
{
    public PhaseResult Play()
    {
        try
        {
            var entered = EnteredCheckpoint.In(order.CheckpointFolder!);
            // A leaderboard never mixes two models under one row.
            if (entered.ContentHash() != order.Phase.Defense.ContentHash)
                return order.Phase.Failed(PhaseStatus.Error, "TITER260",
                    $"The files of '{order.Phase.Defense.Label}' in {order.CheckpointFolder} changed after the tournament was planned. Start the "
                        + "tournament again: the new ones become an entrant of their own.");
            using var model = entered.Open(session.Device, () => session.LoadSubject());
            CheckpointWriter.WriteWeights(model, order.OutputWeightsFile!, session.Scenario.SubjectFolder);
            return order.Phase.Done();
        }
        catch (CheckpointException e)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, e.Code, ((ICoded)e).Text);
        }
    }
}
