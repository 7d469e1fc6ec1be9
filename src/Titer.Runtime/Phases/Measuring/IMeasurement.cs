using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// Who looks at the model that an attack trains: this process, where only the host's own code runs (<see cref="InProcessMeasurement"/>), or
/// another one that never ran a stranger's (<see cref="HandOverMeasurement"/>). The same numbers to the bit.
/// </summary>
internal interface IMeasurement
{
    /// <summary>Called on the plugin's thread in the middle of its loop, and once more when it has returned; its clock stands still.</summary>
    /// <param name="step">Of the attack; 0 before its first line.</param>
    /// <param name="spent">What the meter has charged so far.</param>
    /// <returns>Whether the attack has done enough.</returns>
    bool Measure(CausalLanguageModel model, int step, Spending spent);

    /// <summary>
    /// How the attacker asks from now on, too: before the first step the released weights are measured again with it, whatever the plugin did to its
    /// model meanwhile; later, where a second attack begins, the model as it is.
    /// </summary>
    /// <param name="step">Of the attack, so far.</param>
    /// <returns>Whether the attack has done enough.</returns>
    /// <exception cref="ArgumentException"><c>TITER312</c>: it cannot be asked so.</exception>
    bool Ask(CausalLanguageModel model, IReadOnlyList<PromptWrapper> wrappers, int step, Spending spent);

    /// <summary>The attack has ended well.</summary>
    /// <returns>What was measured; null where another process has it.</returns>
    Trajectory? End();
}
