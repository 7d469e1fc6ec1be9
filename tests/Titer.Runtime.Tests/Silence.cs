using Titer.Runtime.Phases;

namespace Titer.Runtime.Tests;

/// <summary>Hears nothing of a phase.</summary>
internal sealed class Silence : IPhaseEvents
{
    public void Report(PhaseProgress progress)
    {
    }

    public void Log(PhaseLogLine line)
    {
    }
}
