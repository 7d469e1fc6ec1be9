using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Runtime.Slurm;
using Titer.Tournament;
using Titer.Tournament.Tests;

namespace Titer.Runtime.Tests.Slurm;

/// <summary>Whoever comes later finds the jobs that were handed in, by the ledger and by the scheduler's answer.</summary>
public sealed class JobFolderTests : IDisposable
{
    private static readonly TournamentSpec Spec = Some.Spec(["holds"]) with
    {
        Seeds = [1], Thresholds = Some.Spec(["holds"]).Thresholds with { HarmThreshold = 0.123456789 },
    };

    private static readonly Phase[] Phases = [.. TournamentPlan.From(Spec).Phases];

    private static readonly RunAssets Assets = new()
    {
        Scenario = null!, DefenseFolders = new Dictionary<string, string>(), AttackFolders = new Dictionary<string, string>(),
        CheckpointFolders = new Dictionary<string, string> { ["mine"] = "/models/mine" }, BundledHashes = new HashSet<string> { "own" },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_job_reads_the_tournament_and_its_phases_to_the_digit()
    {
        using var folder = RunFolder.Open(_folder);
        var jobs = new JobFolder(folder, Assets);
        var (_, file, _) = jobs.Begin(Spec, [new JobTask([Phases[0]]), new JobTask([Phases[1], Phases[2]])]);

        var (tournament, task) = JobFolder.Read(file, 1);

        Assert.Equal(0.123456789, tournament.Spec.Thresholds.HarmThreshold);
        Assert.Equal(TournamentPlan.From(Spec).Phases.Select(p => p.Id), TournamentPlan.From(tournament.Spec).Phases.Select(p => p.Id));
        Assert.Equal([Phases[1].Id, Phases[2].Id], task.Phases.Select(p => p.Id));
        Assert.Equal(("/models/mine", "own"), (tournament.CheckpointFolders["mine"], Assert.Single(tournament.BundledHashes)));
        Assert.Equal([Phases[1].RandomSeed, Phases[2].RandomSeed], task.Phases.Select(p => p.RandomSeed));
        Assert.Contains("TITER254", Assert.Throws<InvalidDataException>(() => JobFolder.Read(file, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_whose_number_was_not_written_down_is_found_by_its_name()
    {
        using var folder = RunFolder.Open(_folder);
        var jobs = new JobFolder(folder, Assets);
        var (first, _, _) = jobs.Begin(Spec, [new JobTask([Phases[0]])]);
        jobs.Taken(first, "17");
        var (second, _, _) = jobs.Begin(Spec, [new JobTask([Phases[1]])]);
        File.AppendAllText(Path.Combine(_folder, "slurm", "arrays.jsonl"), "{\"array\":\"to");

        var board = new JobBoard();
        foreach (var array in new JobFolder(folder).Arrays()) board.Place(array);
        board.See([new SlurmJob(second.JobName, "18", 0, "PENDING", "Dependency", ""), new SlurmJob("other", "19", 0, "RUNNING", "None", "n1")],
            jobs.JobNamePrefix);

        Assert.Equal(["17", null], new JobFolder(folder).Arrays().Select(a => a.JobId));
        Assert.Equal([Phases[1].Id], board.UnderWay);
        Assert.Equal(("17_0", "18_0"), (board.JobIdOf(Phases[0].Id), board.JobIdOf(Phases[1].Id)));
        Assert.Equal("18", Assert.Single(board.Alive).ArrayId);
    }

    [Fact]
    public void The_first_of_two_jobs_that_play_a_phase_has_the_result()
    {
        var key = ResultKey.OfThisProcess();
        using var held = RunFolder.Open(_folder, key);
        using var one = RunFolder.Join(_folder, key);
        using var two = RunFolder.Join(_folder, key);
        var result = Phases[0].Failed(PhaseStatus.Error, "TITER201", "the first");

        var first = new ResultStore(one).Commit(result);
        var second = new ResultStore(two).Commit(result with { Reason = "the second" });

        Assert.Equal(("the first", "the first"), (first.Reason, second.Reason));
        Assert.False(Directory.Exists(Path.Combine(_folder, "set-aside")));
        Assert.Equal("the first", Assert.Single(new ResultStore(held).Load(Spec, Phases)).Value.Reason);
    }

    [Fact]
    public void What_a_job_is_writing_is_not_swept_away_by_whoever_opens_the_folder()
    {
        using (var folder = RunFolder.Open(_folder)) new JobFolder(folder, Assets).Begin(Spec, [new JobTask([Phases[0]])]);
        var (written, left) = (Path.Combine(_folder, "weights", "taken.1.tmp"), Path.Combine(_folder, "weights", "taken.2.tmp"));
        Directory.CreateDirectory(Path.GetDirectoryName(written)!);
        File.WriteAllText(written, "half");
        File.WriteAllText(left, "half");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));

        RunFolder.Open(_folder).Dispose();

        Assert.Equal((true, false), (File.Exists(written), File.Exists(left)));
    }

    [Theory]
    [InlineData("titer-1-a|12|3|RUNNING|None|n1", true, false)]
    [InlineData("titer-1-a|12|3|PENDING|launch failed requeued held|", true, true)]
    [InlineData("titer-1-a|12|3|PENDING|JobHeldUser|", true, false)]
    [InlineData("titer-1-a|12|3|TIMEOUT|TimeLimit|n1", false, false)]
    [InlineData("titer-1-a|12|3|REQUEUED|None|", true, false)]
    public void The_scheduler_says_which_jobs_live(string line, bool isAlive, bool isStuck)
    {
        var job = SlurmJob.Parse(line)!;

        Assert.Equal(("12_3", isAlive, isStuck), (job.Id, job.IsAlive, job.IsStuck));
        Assert.Null(SlurmJob.Parse("wrap|4|N/A|PENDING|Dependency|"));
    }
}
