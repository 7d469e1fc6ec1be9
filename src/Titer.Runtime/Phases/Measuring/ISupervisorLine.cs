namespace Titer.Runtime.Phases.Measuring;

/// <summary>A worker's line to its supervisor in the middle of a phase that two processes play. Each call waits for the other side.</summary>
public interface ISupervisorLine
{
    /// <summary>From a player: its weights lie ready. It is stopped until they are measured.</summary>
    /// <returns>Whether the attack has done enough.</returns>
    bool Give(HandOver handOver);

    /// <summary>To a measurer: weights to be taken; null when the player has ended.</summary>
    HandOver? Take();

    /// <summary>From a measurer: it is ready, or the point is measured and its weights are no longer needed.</summary>
    /// <param name="worstHarm">Mean harmfulness under the worst template; for people. Null where nothing was measured.</param>
    /// <param name="secondsPerStep">Of ordinary training on this subject here, when it was asked for.</param>
    void Done(bool isEnough, double? worstHarm, double? secondsPerStep = null);
}
