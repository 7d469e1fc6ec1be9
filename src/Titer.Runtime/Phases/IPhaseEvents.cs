using Titer.Files;

namespace Titer.Runtime.Phases;

/// <summary>What a phase is doing; the supervisor's clock depends on it.</summary>
internal enum PhaseStage
{
    /// <summary>The process starts, loads libraries, the subject and the data.</summary>
    Loading,

    /// <summary>The plugin's own code runs: its budget of seconds is ticking.</summary>
    Playing,

    /// <summary>The host evaluates or saves the model.</summary>
    Evaluating,
}

/// <summary>Which of the plugin's code runs while a phase is <see cref="PhaseStage.Playing"/>: what hangs is named by it.</summary>
internal enum PluginCall
{
    /// <summary>Its <c>Immunize</c> or <c>Attack</c>.</summary>
    Method,

    /// <summary>Its module initializers and static fields, while it is loaded.</summary>
    Load,

    Constructor,

    /// <summary>Its <c>Dispose</c>.</summary>
    Dispose,
}

/// <summary>A sign of life for the live view.</summary>
internal sealed record PhaseProgress(PhaseStage Stage, int Step = 0, double? Loss = null, double? Harm = null, PluginCall Call = PluginCall.Method);

/// <summary>Where a playing phase reports to. Called on the phase's thread.</summary>
internal interface IPhaseEvents
{
    /// <summary>The phase entered a stage, or moved within it.</summary>
    void Report(PhaseProgress progress);

    /// <summary>A line for the phase's log.</summary>
    void Log(PhaseLogLine line);
}

/// <summary>One line of <c>logs/&lt;phase&gt;.jsonl</c>.</summary>
internal sealed record PhaseLogLine(string Level, string Text)
{
    private const int MostCharacters = 16_000;

    /// <summary>What a plugin says, control characters written out; a line of megabytes is cut.</summary>
    public string Text { get; init; } = VisibleText.Of(Text, MostCharacters);
}
