using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.View.Reading;

/// <summary>The fold of a run that is being played: a result is read once, and the report is made of all of them.</summary>
internal sealed class LiveFold(RunFolder folder)
{
    private readonly ResultStore _store = new(folder);
    private readonly SeasonBoards _seasons = new(folder.Path);
    private Dictionary<string, PhaseResult> _known = [];

    /// <summary>What was found damaged, and that results were sealed elsewhere.</summary>
    public IReadOnlyList<string> Notices => [.. _store.Notices, .. _store.Unsealed is { } unsealed ? [unsealed] : Array.Empty<string>()];

    public FoldedBoard Fold(TournamentSpec spec)
    {
        // Of what is gone, or of a build that was superseded, nothing is kept.
        var there = folder.StoredPhases();
        (var plan, _known) = _store.Load(spec, _known.Where(k => there.Contains(k.Key)).ToDictionary());
        return new FoldedBoard(_seasons.Mark(TournamentFold.Report(spec, plan, _known)), plan, _known);
    }
}

/// <summary>A report with what it was made of.</summary>
internal sealed record FoldedBoard(TournamentReport Report, TournamentPlan Plan, IReadOnlyDictionary<string, PhaseResult> Results)
{
    /// <summary>Phases with a result, and those that a refused plugin leaves without one.</summary>
    public int Done => Plan.WithRefusals(Results).Count;

    /// <summary>With those that are still to be played: what was to be played on a defense that failed never is.</summary>
    public int Total => Done + PhaseQueue.Missing(Plan, Results).DistinctBy(p => p.Id).Count();
}
