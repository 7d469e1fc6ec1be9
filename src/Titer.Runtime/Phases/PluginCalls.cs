namespace Titer.Runtime.Phases;

/// <summary>What a phase does at each of its plugin's calls.</summary>
internal static class PluginCalls
{
    /// <summary>Tells the supervisor which call runs, and the budget's clock on which thread.</summary>
    public static Action<PluginCall> ReportedTo(IPhaseEvents events, PluginClock clock) => call =>
    {
        if (call == PluginCall.Constructor) clock.Follow();
        events.Report(new PhaseProgress(PhaseStage.Playing, Call: call));
    };
}
