using System.Diagnostics;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.View.Reading;

/// <summary>What the journal of a results folder says: who plays, what is being played, how fast. Read on from where the last look ended.</summary>
internal sealed class RunActivity
{
    private const int MostRecent = 200;
    private const int RateOver = 40;

    private readonly Dictionary<string, JournalLine> _playing = [];
    private readonly Queue<JournalLine> _recent = [];
    private readonly Queue<DateTimeOffset> _finished = [];
    private long _position;
    private JournalLine? _opened;

    /// <summary>Phases that have begun and have no result yet, in the order in which they began.</summary>
    public IReadOnlyCollection<JournalLine> Playing => [.. _playing.Values.OrderBy(l => l.At)];

    /// <summary>The last lines, newest first.</summary>
    public IEnumerable<JournalLine> Recent => _recent.Reverse();

    /// <summary>The process that opened the folder last and did not close it; null when there is none.</summary>
    public JournalLine? Opened => _opened;

    /// <summary>Phases whose result was committed since the folder was opened.</summary>
    public int Finished { get; private set; }

    /// <summary>Phases of any end but a good one, since the folder was opened.</summary>
    public int Failed { get; private set; }

    /// <summary>The most that were played at the same time.</summary>
    public int Lanes { get; private set; }

    /// <summary>Reads what was added.</summary>
    /// <returns>Whether something was.</returns>
    public bool Read(RunFolder folder)
    {
        var before = _position;
        var lines = RunJournal.ReadOn(folder, ref _position);
        if (_position < before) Forget();
        foreach (var line in lines) Take(line);
        return lines.Count > 0;
    }

    /// <summary>Whether the process that opened the folder is there; of another machine's nothing can be known but what it wrote.</summary>
    public bool IsAlive()
    {
        if (_opened is not { } opened) return false;
        if (opened.Host != Environment.MachineName) return true;
        try
        {
            using var process = Process.GetProcessById(opened.Pid);
            // A number is given again after a restart of the machine.
            return !process.HasExited && process.StartTime.ToUniversalTime() <= opened.At.UtcDateTime.AddSeconds(5);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Seconds until so many phases are played at the pace of the last ones; NaN when there is no pace yet.</summary>
    public double SecondsFor(int phases, DateTimeOffset now)
    {
        if (_finished.Count < 3 || _opened is null) return double.NaN;
        var seconds = (now - _finished.Peek()).TotalSeconds;
        return seconds <= 0 ? double.NaN : phases * seconds / _finished.Count;
    }

    private void Take(JournalLine line)
    {
        _recent.Enqueue(line);
        if (_recent.Count > MostRecent) _recent.Dequeue();
        switch (line.Event)
        {
            case JournalEvent.Opened:
                _playing.Clear();
                _finished.Clear();
                (_opened, Finished, Failed, Lanes) = (line, 0, 0, 0);
                break;
            case JournalEvent.Started when line.PhaseId is { } id:
                _playing[id] = line;
                Lanes = Math.Max(Lanes, _playing.Count);
                break;
            case JournalEvent.Finished:
                Finished++;
                if (line.Status is { } status and not PhaseStatus.Done) Failed++;
                _finished.Enqueue(line.At);
                if (_finished.Count > RateOver) _finished.Dequeue();
                _playing.Remove(line.PhaseId ?? "");
                break;
            case JournalEvent.Lost:
                _playing.Remove(line.PhaseId ?? "");
                break;
            case JournalEvent.Closed:
                _playing.Clear();
                _opened = null;
                break;
        }
    }

    private void Forget()
    {
        _playing.Clear();
        _recent.Clear();
        _finished.Clear();
        (_opened, Finished, Failed, Lanes) = (null, 0, 0, 0);
    }
}
