using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>A phase's events: progress to the live view, lines to <c>logs/</c>, up to a size that no plugin can talk past.</summary>
internal sealed class PhaseLog(RunFolder folder, Phase phase, Action<PhaseProgress> progressed) : IPhaseEvents
{
    private const int MaximumCharacters = 4_000_000;
    private int _characters;

    public void Report(PhaseProgress progress) => progressed(progress);

    public void Log(PhaseLogLine line)
    {
        if (_characters > MaximumCharacters) return;
        _characters += line.Text.Length;
        try
        {
            folder.AppendLog(phase.Id, _characters <= MaximumCharacters
                ? line
                : new PhaseLogLine("warning", "The log of this phase ends here: the plugin wrote too much."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk costs the log, not the phase: its result will say what it cannot be stored for.
        }
    }
}
