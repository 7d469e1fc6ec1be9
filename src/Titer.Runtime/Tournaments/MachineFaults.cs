using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// What to do about phases that the machine failed: each is tried once more, after the others, since a neighbor may have taken what it lacked; where
/// nothing succeeds any more, the run stops and says what to mend. Used by one thread at a time.
/// </summary>
/// <param name="mostInARow">Faults without a success between them.</param>
internal sealed class MachineFaults(int mostInARow)
{
    private readonly Dictionary<string, string> _whyByPhase = [];
    private readonly HashSet<string> _triedAgain = [];
    private int _inARow;

    /// <summary>Nothing more should be started.</summary>
    public bool IsHopeless => _inARow >= mostInARow;

    /// <summary>The faults that still cost a result.</summary>
    public IReadOnlyList<(string Why, int Phases)> Left => [.. _whyByPhase.Values.GroupBy(w => w).Select(g => (g.Key, g.Count()))];

    /// <returns>Whether the phase should be tried again.</returns>
    public bool Note(Phase phase, string why)
    {
        _inARow++;
        _whyByPhase[phase.Id] = why;
        return _triedAgain.Add(phase.Id);
    }

    public void Succeeded(Phase phase)
    {
        _inARow = 0;
        _whyByPhase.Remove(phase.Id);
    }
}
