using Titer.Benchmarks.Scale;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.View.Tests;

/// <summary>A results folder whose phases were never played: written as a run writes them, as many as a test asks for.</summary>
internal sealed class SyntheticRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("titer-view-");
    private readonly PhaseQueue _queue;

    public SyntheticRun(int phases = 1000)
    {
        Spec = Small(SyntheticTournament.Of(phases));
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "phases"));
        using var folder = RunFolder.OpenToRead(Path);
        RunRecords.Write(folder, Spec);
        _queue = new PhaseQueue(Spec, TournamentPlan.From(Spec), new Dictionary<string, PhaseResult>());
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "synthetic");

    public TournamentSpec Spec { get; }

    /// <summary>Plays so many more phases, or all that there are.</summary>
    /// <returns>How many were played.</returns>
    public int Play(int most = int.MaxValue)
    {
        using var folder = RunFolder.OpenToRead(Path);
        var played = 0;
        for (; played < most && _queue.Next() is { } phase; played++)
        {
            var result = SyntheticTournament.Play(phase);
            // There at once, as a run's results are.
            var written = System.IO.Path.Combine(Path, "written.tmp");
            File.WriteAllText(written, PhaseFile.Text(result));
            File.Move(written, folder.PhaseFile(phase.Id));
            _queue.Finish(phase, result);
        }

        return played;
    }

    /// <summary>Ends as a run does: with its board.</summary>
    /// <param name="change">What is said of the tournament and changes no phase of it.</param>
    public void WriteBoard(Func<TournamentSpec, TournamentSpec>? change = null)
    {
        using var folder = RunFolder.OpenToRead(Path);
        var (plan, results) = new ResultStore(folder).Load(Spec);
        RunRecords.Write(folder, TournamentFold.Report(change is null ? Spec : change(Spec), plan, results));
    }

    /// <summary>Ends as the season of a league does that has everything to say.</summary>
    public void WriteSeason()
    {
        using var folder = RunFolder.OpenToRead(Path);
        var (plan, results) = new ResultStore(folder).Load(Spec);
        var spec = Spec with
        {
            ByClass = true,
            Defenses = [.. Spec.Defenses.Select((d, i) => i != 1 ? d : d with
            {
                Submission =
                    new EntrantSubmission { Key = "ED25519 SHA256:abc", Bundle = new string('b', 64), DataUsed = "none", Variants = 2, Tries = 30,
                    ClaimedTiter = "1:8", Standing = "reproduced" },
            })],
        };
        var report = TournamentFold.Report(spec, plan, results);
        var hash = new string('a', 64);
        var before = System.Text.Json.JsonSerializer.SerializeToElement(report.Rows[1], TournamentJson.Default.LeaderboardRow);
        RunRecords.Write(folder, report with
        {
            Season = new SeasonMark("spring-2", hash) { Canaries = [report.Rows[^1].Defense],
                Invalid = "TITER722 A canary is a useless model, and no gate holds it." },
            Rows = [.. report.Rows.Select(
                (r, i) => i == 0 ? r with { Stale = "TITER715 Season spring-2 froze other inputs: seeds[2]." } : r with { Season = hash })],
            Earlier = [new EarlierRow("spring-1", new string('c', 64), "TITER715 Season spring-1 froze other inputs: seeds[0].", before)],
        });
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Two seeds of one attack each where a tenth of the phases is enough.</summary>
    private static TournamentSpec Small(TournamentSpec spec) =>
        spec.Defenses.Count > 4 ? spec
            : spec with { Seeds = [1, 2], AttackSeeds = 1, Attacks = [.. spec.Attacks.Take(4), .. spec.Attacks.TakeLast(2)] };
}
