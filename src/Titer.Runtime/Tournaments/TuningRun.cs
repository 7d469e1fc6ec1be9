using System.Collections.Immutable;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.Tournament.Tuning;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// Plays the tries of a <see cref="DefenseTuning"/> one after the other, each as a small tournament
/// on the first seed: the undefended subject and all
/// settings so far in one results folder, so that a tuning that was stopped goes on where it was, and its board can be looked at as any other. Then
/// the best setting and the published one meet on the other seeds: what a search found may be luck, what was not searched on is not.
/// </summary>
/// <param name="resolve">Makes a tournament of a file.</param>
/// <param name="path">The tuning's folder; the screening's is in it.</param>
internal sealed class TuningRun(IPhaseExecutor executor, Func<TournamentFile, ResolvedTournament> resolve, Quarantine quarantine, ResultKey key,
    string path, int lanes)
{
    public const string ScreeningFolder = "screening";

    /// <summary>Told after every try.</summary>
    public Action<TuningTry> Tried { get; init; } = _ => { };

    /// <returns>Without a best setting when it was stopped, or the machine failed, before the search was over.</returns>
    public async Task<TuningOutcome> PlayAsync(TournamentFile file, DefenseTuning tuning, IRunObserver observer, CancellationToken drain,
        CancellationToken abort)
    {
        var tries = new List<TuningTry>();
        using (var folder = RunFolder.Open(Path.Combine(path, ScreeningFolder), key))
        {
            while (tuning.Next(tries) is { } options)
            {
                var tournament = First(resolve(file with { Defenses = Entries(tuning.Defense, [.. tries.Select(t => t.Options), options]) }));
                var (outcome, report) = await PlayAsync(folder, tournament, observer, drain, abort);
                if (outcome.Faults.Count > 0 || drain.IsCancellationRequested) return new TuningOutcome(tries, null, null, outcome.Faults);
                tries.Add(Charged(TuningTry.Of(tuning, report, tournament.Spec.Defenses[^1], tries.Count + 1), outcome));
                Tried(tries[^1]);
            }
        }

        var best = DefenseTuning.Best(tries);
        var confirmation = resolve(file with
        {
            Defenses = Entries(tuning.Defense, best is { IsSound: true, Number: > 1 } ? [tries[0].Options, best.Options] : [tries[0].Options]),
        });
        if (confirmation.Spec.Seeds.Count < 2 || tries[0].Failure is not null) return new TuningOutcome(tries, best, null, []);
        using var confirmed = RunFolder.Open(path, key);
        var (end, board) = await PlayAsync(confirmed, With(confirmation, [.. confirmation.Spec.Seeds.Skip(1)]), observer, drain, abort);
        return new TuningOutcome(tries, best, end.Faults.Count > 0 || drain.IsCancellationRequested ? null : board, end.Faults);
    }

    private async Task<(RunOutcome Outcome, TournamentReport Report)> PlayAsync(RunFolder folder, ResolvedTournament tournament,
        IRunObserver observer, CancellationToken drain, CancellationToken abort)
    {
        var spec = tournament.Spec;
        RunRecords.Write(folder, tournament.File, spec);
        RunRecords.Write(folder, spec);
        var store = new ResultStore(folder, tournament.Assets.Scenario);
        var (plan, stored) = store.Load(spec);
        foreach (var notice in store.Notices) observer.Noticed(notice);
        observer.Added([.. PhaseQueue.Missing(plan, stored)]);
        var runner = new TournamentRunner(executor, folder, tournament.Assets.PinnedIn(folder, spec), quarantine, lanes);
        var outcome = await runner.PlayAsync(spec, plan, observer, drain, abort, stored);
        var report = TournamentFold.Report(outcome.Spec, TournamentPlan.From(outcome.Spec), outcome.Results);
        RunRecords.Write(folder, outcome.Spec);
        RunRecords.Write(folder, report);
        return (outcome, report);
    }

    /// <summary>Both ledgers: what the defense itself took, and what was spent on finding out how it does.</summary>
    private static TuningTry Charged(TuningTry tried, RunOutcome outcome)
    {
        var plan = FollowUps.Extend(outcome.Spec, TournamentPlan.From(outcome.Spec), outcome.Results);
        long Steps(PhaseKind kind) => plan.Phases.Where(p => p.Kind == kind && p.Defense.Label == tried.Label).DistinctBy(p => p.Id)
            .Sum(p => outcome.Results.TryGetValue(p.Id, out var result) ? result.Spent.Steps : 0);
        return tried with { DefenseSteps = Steps(PhaseKind.Defend), AttackSteps = Steps(PhaseKind.Attack) };
    }

    private static ResolvedTournament First(ResolvedTournament tournament) => With(tournament, [tournament.Spec.Seeds[0]]);

    private static ResolvedTournament With(ResolvedTournament tournament, IReadOnlyList<int> seeds) =>
        tournament with { Spec = tournament.Spec with { Seeds = seeds }, File = tournament.File with { Seeds = seeds } };

    private static EntrantEntry[] Entries(string defense, IReadOnlyList<ImmutableSortedDictionary<string, string>> settings) =>
        [.. settings.Select(options => EntrantEntry.Of(defense, options))];
}

/// <summary>What a tuning came to.</summary>
/// <param name="Best">Null when no setting could be scored.</param>
/// <param name="Confirmation">The published and the best setting on seeds that were not searched on; null where there are none, or where it was
/// stopped.</param>
/// <param name="Faults">What the machine did.</param>
internal sealed record TuningOutcome(IReadOnlyList<TuningTry> Tries, TuningTry? Best, TournamentReport? Confirmation,
    IReadOnlyList<(string Why, int Phases)> Faults);
