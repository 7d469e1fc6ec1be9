using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.View.Reading;

/// <summary>The fold of a run that is being played: a result is read once, and the report is made of all of them.</summary>
internal sealed class LiveFold(RunFolder folder)
{
    private readonly ResultStore _store = new(folder);
    private readonly Dictionary<string, PhaseResult> _known = [];

    /// <summary>What was found damaged, and that results were sealed elsewhere.</summary>
    public IReadOnlyList<string> Notices => [.. _store.Notices, .. _store.Unsealed is { } unsealed ? [unsealed] : Array.Empty<string>()];

    public FoldedBoard Fold(TournamentSpec spec)
    {
        var there = folder.StoredPhases();
        foreach (var gone in _known.Keys.Where(id => !there.Contains(id)).ToArray()) _known.Remove(gone);
        var plan = TournamentPlan.From(spec);
        Read(spec, plan.Phases);
        while (FollowUps.Extend(spec, plan, plan.WithRefusals(Of(plan))) is var extended && extended.Phases.Count > plan.Phases.Count)
        {
            Read(spec, extended.Phases.Skip(plan.Phases.Count));
            plan = extended;
        }

        var results = Of(plan);
        return new FoldedBoard(TournamentFold.Report(spec, plan, results), plan, results);
    }

    private void Read(TournamentSpec spec, IEnumerable<Phase> phases)
    {
        foreach (var (id, result) in _store.Load(spec, [.. phases.Where(p => !_known.ContainsKey(p.Id))], _known)) _known[id] = result;
    }

    /// <summary>Results of a plan's phases: the folder may have those of other boards.</summary>
    private Dictionary<string, PhaseResult> Of(TournamentPlan plan) =>
        plan.Phases.Select(p => _known.GetValueOrDefault(p.Id)).OfType<PhaseResult>().DistinctBy(r => r.PhaseId).ToDictionary(r => r.PhaseId);
}

/// <summary>A report with what it was made of.</summary>
internal sealed record FoldedBoard(TournamentReport Report, TournamentPlan Plan, IReadOnlyDictionary<string, PhaseResult> Results);
