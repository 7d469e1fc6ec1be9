using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// What two processes came to, as one result: how the plugin ended and what it charged is the player's word, every score is the measurer's, and
/// whose phase it is the host's own.
/// </summary>
internal static class JoinedResult
{
    public static PhaseResult Of(PhaseOrder order, PhaseResult played, PhaseResult measured)
    {
        if (!Enum.IsDefined(played.Status) || played.Spent is not { } spent) return Refused(order, "it does not say how it ended and what it spent");
        if (played.Status == PhaseStatus.Done)
            return measured.Status != PhaseStatus.Done
                ? measured with { Spent = spent }
                : order.Phase.Done() with { Spent = spent, Trajectory = measured.Trajectory, Environment = measured.Environment };
        return played is { Code: { } code, Reason: { } reason }
            ? order.Phase.Failed(played.Status, code, reason) with { Spent = spent, Trace = played.Trace, Environment = measured.Environment }
            : Refused(order, "it does not say why it failed");
    }

    private static PhaseResult Refused(PhaseOrder order, string problem) => order.Phase.Failed(PhaseStatus.Invalid, "TITER227",
        $"The worker's answer was refused: {problem}. Code of the plugin must leave the host's pipe and its objects alone.");
}
