using Titer.Sdk;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>A worker's line to its supervisor in the middle of a phase that two processes play. Each call waits for the other side.</summary>
internal interface ISupervisorLine
{
    /// <summary>From a player: its weights lie ready. It is stopped until they are measured.</summary>
    /// <returns>Whether the attack has done enough.</returns>
    bool Give(HandOver handOver);

    /// <summary>From a player: how its attack asks from now on. It is stopped until that is measured.</summary>
    /// <param name="handOver">The weights to be measured with it; null before the first step, when the released ones are.</param>
    /// <returns>Whether the attack has done enough, or why it cannot ask so, with code and fix.</returns>
    (bool IsEnough, string? Refusal) Ask(IReadOnlyList<PromptWrapper> wrappers, HandOver? handOver);

    /// <summary>To a measurer: what is to be measured; null when the player has ended.</summary>
    ToMeasure? Take();

    /// <summary>From a measurer: it is ready, or the point is measured and its weights are no longer needed.</summary>
    /// <param name="worstHarm">Mean harmfulness under the worst template; for people. Null where nothing was measured.</param>
    /// <param name="secondsPerStep">Of ordinary training on this subject here, when it was asked for.</param>
    /// <param name="refusal">Why the attacker's way to ask cannot be used; null when it can.</param>
    void Done(bool isEnough, double? worstHarm, double? secondsPerStep = null, string? refusal = null);
}

/// <summary>What a player, which stands still, wants measured.</summary>
/// <param name="HandOver">Weights to be taken; null for the released ones.</param>
/// <param name="Wrappers">Ways to ask that begin here; null when nothing changes.</param>
internal sealed record ToMeasure(HandOver? HandOver = null, IReadOnlyList<PromptWrapper>? Wrappers = null);
