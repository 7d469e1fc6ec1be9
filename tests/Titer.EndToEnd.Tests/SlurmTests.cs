using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A tournament in jobs of a real Slurm: whatever becomes of the jobs, the results are those of this machine.</summary>
[Collection(Alone.Name)]
public sealed class SlurmTests(SlurmCluster cluster) : IClassFixture<SlurmCluster>
{
    /// <summary>SIGTERM, which is heard as Ctrl-C is: a shell may have started the tests with SIGINT ignored.</summary>
    private const int Interrupt = 15;

    private const int Kill = 9;
    private const int Stop = 19;
    private const int Continue = 18;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    [SampledFact]
    public async Task A_tournament_whose_jobs_are_killed_requeued_warned_timed_out_and_drained_ends_as_on_one_machine()
    {
        cluster.Demand();
        using var folder = new TestFolder();
        // More jobs than the fastest machine ends while a look at them misses the moment that it waits for.
        folder.Write("t.yaml", Tournament("good_defense", "time: 20, phases_per_job: 2, signal_seconds: 5")
            .Replace("attack_seeds: 4", "attack_seeds: 8", StringComparison.Ordinal));
        var local = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--engine", "local", "--out", "local");
        Assert.True(local.ExitCode == 0, local.Output + local.Error);

        using var run = Start(folder, "run", "t.yaml", "--out", "far");
        await using var end = new Ending(run);
        var (output, error) = (run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        // When the attacks are under way.
        await SlurmCluster.UntilAsync(() => Task.FromResult(run.HasExited || Stored(folder, "far").Length > 3), "the first results", Patience);
        var done = new HashSet<string>();
        var (killed, victim) = await StoppedAsync(done, run);
        Signal(victim, Kill);
        var requeued = await PickAsync(done, run);
        await cluster.ToolAsync("scontrol", "requeue", requeued);
        var warned = await WarnAsync(folder, done, run);
        var late = await LateAsync(done, run);
        await cluster.ToolAsync("scontrol", "update", "nodename=n2", "state=drain", "reason=test");
        await SlurmCluster.UntilAsync(async () => (await StateOfAsync("n2")).StartsWith("drained", StringComparison.Ordinal), "n2 drained",
            Patience);
        var drainedAt = Stored(folder, "far").Length;
        await SlurmCluster.UntilAsync(async () =>
        {
            await HurryAsync();
            return run.HasExited || Stored(folder, "far").Length > drainedAt;
        }, "a phase on the other node", Patience);
        await cluster.ToolAsync("scontrol", "update", "nodename=n2", "state=resume");
        await SlurmCluster.UntilAsync(async () =>
        {
            await HurryAsync();
            return run.HasExited;
        }, "the end", Patience);

        var text = await output + await error;
        Assert.True(run.ExitCode == 0, text);
        var phases = Stored(folder, "far");
        Assert.True(phases.Length >= 24, $"{phases.Length} phases");
        Assert.Equal(Leaderboard.Read(Path.Combine(folder.Path, "local")).WithoutTimings(),
            Leaderboard.Read(Path.Combine(folder.Path, "far")).WithoutTimings());
        var states = (await cluster.JobsAsync()).ToDictionary(j => j.Id, j => j.State);
        Assert.Equal(("FAILED", "COMPLETED", "COMPLETED", "TIMEOUT"), (states[killed], states[requeued], states[warned], states[late]));
        foreach (var job in new[] { requeued, warned })
            Assert.Contains("Restarts=1", await cluster.ToolAsync("scontrol", "show", "job", job), StringComparison.Ordinal);
        var finished = File.ReadLines(Path.Combine(folder.Path, "far", "journal.jsonl")).Select(l => JsonNode.Parse(l)!)
            .Where(l => (string)l["event"]! == "finished").Select(l => (string)l["phase_id"]!).ToArray();
        Assert.Equal(phases.Length, finished.Distinct().Count());
        Assert.Equal(phases.Length, finished.Length);
        if (text.Contains("Sandbox: bubblewrap", StringComparison.Ordinal))
            // Who was killed before it came to play had no time to say it.
            Assert.All(Logs(folder, "far").Where(log => log.Contains(": started on ", StringComparison.Ordinal)),
                log => Assert.Contains("Sandbox: bubblewrap", log, StringComparison.Ordinal));
        Assert.Contains("no job is in the queue", (await RunAsync(folder, "status", "far")).Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task Jobs_outlive_the_command_until_somebody_cancels_them()
    {
        cluster.Demand();
        using var folder = new TestFolder();
        folder.Write("t.yaml", Tournament("safety_sft", "time: 20"));
        foreach (var node in new[] { "n1", "n2" }) await cluster.ToolAsync("scontrol", "update", $"nodename={node}", "state=drain", "reason=test");
        try
        {
            var detached = await RunAsync(folder, "run", "t.yaml", "--detach", "--out", "r");
            Assert.True(detached.ExitCode == 0, detached.Output + detached.Error);
            Assert.Contains("28 jobs are in the queue", detached.Output, StringComparison.Ordinal);
            // The cluster allows nine jobs an array.
            Assert.All(File.ReadLines(Path.Combine(folder.Path, "r", "slurm", "arrays.jsonl")).Select(l => JsonNode.Parse(l)!),
                array => Assert.True(array["tasks"]!.AsArray().Count <= 9));
            var status = await RunAsync(folder, "status", "r");
            Assert.Contains("0 of 28 phases have a result", status.Output, StringComparison.Ordinal);
            Assert.Contains("28 jobs are in the queue", status.Output, StringComparison.Ordinal);

            var beside = await RunAsync(folder, "run", "t.yaml", "--engine", "local", "--out", "r");
            Assert.Contains("TITER253", beside.Error, StringComparison.Ordinal);
            Assert.Equal(2, beside.ExitCode);

            var left = await InterruptedAsync(folder, "run", "t.yaml", "--out", "r");
            Assert.Equal(130, left.ExitCode);
            Assert.Contains("28 jobs stay in the queue", left.Output, StringComparison.Ordinal);
            Assert.Equal(28, (await AliveAsync()).Length);

            var cancelled = await InterruptedAsync(folder, "run", "t.yaml", "--out", "r", "--on-interrupt", "cancel");
            Assert.Contains("28 jobs were cancelled", cancelled.Output, StringComparison.Ordinal);
            await SlurmCluster.UntilAsync(async () => (await AliveAsync()).Length == 0, "an empty queue");
        }
        finally
        {
            foreach (var node in new[] { "n1", "n2" }) await cluster.ToolAsync("scontrol", "update", $"nodename={node}", "state=resume");
        }
    }

    [SampledFact]
    public async Task What_the_cluster_or_a_job_refuses_is_said_with_its_own_words_and_is_no_result()
    {
        cluster.Demand();
        using var folder = new TestFolder();
        folder.Write("partition.yaml", Tournament("safety_sft", "partition: nosuch"));
        folder.Write("program.yaml", Tournament("safety_sft", "attempts: 1, program: 'echo TITER000 nothing here; false'"));
        folder.Write("gpu.yaml",
            Tournament("safety_sft", "gres: 'gpu:1', queue_limit: 1, time: 10, program: 'echo TITER000 nothing here; false'"));

        var refused = await RunAsync(folder, "run", "partition.yaml", "--out", "a");
        Assert.Equal(75, refused.ExitCode);
        Assert.Contains("TITER250", refused.Error, StringComparison.Ordinal);
        Assert.Contains("partition", refused.Error, StringComparison.OrdinalIgnoreCase);

        var lost = await RunAsync(folder, "run", "program.yaml", "--out", "b");
        Assert.Equal(75, lost.ExitCode);
        Assert.Contains("TITER252", lost.Error, StringComparison.Ordinal);
        Assert.Contains("TITER000 nothing here", lost.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "b", "phases")));

        var limited = await RunAsync(folder, "run", "gpu.yaml", "--detach", "--out", "c");
        Assert.Contains("TITER668", limited.Error, StringComparison.Ordinal);
        Assert.Contains("There was no room for 28 phases", limited.Output, StringComparison.Ordinal);
    }

    [SampledFact]
    public async Task The_page_of_slurm_is_typed_and_ends_with_a_board()
    {
        cluster.Demand();
        var page = new TypedPage("slurm.md", ("device: cuda\n", "budget: { attack: { steps: 2 }, defense: { steps: 3 } }\n"),
            ("seeds: [1, 2, 3]", "seeds: [1]"), ("[vaccine, repnoise]", "[safety_sft]"), (", lora_finetune]", "]"),
            ("partition: gpu, account: lab, gres: \"gpu:1\", time: \"4:00:00\", memory: 64G, cpus: 8",
                "partition: main, poll_seconds: 1, time: 20"));
        using var folder = new TestFolder();
        folder.Write("night.yaml", page.Blocks("yaml")[0]);
        var environment = cluster.Environment.ToDictionary(e => e.Key, e => (string?)e.Value);

        var handedIn = await page.TypeAsync(folder.Path, 0, environment);
        await page.TypeAsync(folder.Path, 1, environment);

        Assert.Matches("[0-9]+ jobs are in the queue", handedIn);
        Assert.Equal("done", (string)Leaderboard.Read(Path.Combine(folder.Path, "results", "night")).Row("safety_sft")["status"]!);
    }

    [Fact]
    public async Task Without_a_cluster_or_its_files_the_commands_say_what_is_missing()
    {
        using var folder = new TestFolder();
        folder.Write("t.yaml", Tournament("safety_sft", "time: 5"));
        var nothing = new Dictionary<string, string> { ["PATH"] = folder.Path };

        var far = await TiterProcess.RunAsync(folder.Path, nothing, "run", "t.yaml", "--sandbox", "off");
        Assert.Contains("TITER251", far.Error, StringComparison.Ordinal);
        Assert.Equal(75, far.ExitCode);
        var job = await TiterProcess.RunAsync(folder.Path, "job", "results/t/slurm/none.jsonl", "--task", "0");
        Assert.Contains("TITER254", job.Error, StringComparison.Ordinal);
        var detached = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--engine", "local", "--detach");
        Assert.Contains("TITER667", detached.Error, StringComparison.Ordinal);
    }

    /// <summary>The command never outlives the test.</summary>
    private sealed class Ending(Process process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static string Tournament(string defense, string slurm) => $$"""
        name: t
        seeds: [1]
        attack_seeds: 4
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: [{{defense}}]
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
        plugins: ["{{Path.Combine(Zoo.Fixtures, "GoodDefense")}}"]
        engine: { slurm: { poll_seconds: 1, partition: main, {{slurm}} } }
        """.Replace(slurm.StartsWith("partition", StringComparison.Ordinal) ? "partition: main, " : "\0", "", StringComparison.Ordinal);

    private static string[] Stored(TestFolder folder, string results) =>
        Path.Combine(folder.Path, results, "phases") is var phases && Directory.Exists(phases) ? Directory.GetFiles(phases, "*.json") : [];

    private static string[] Logs(TestFolder folder, string results) =>
        [.. Directory.GetFiles(Path.Combine(folder.Path, results, "slurm", "logs")).Select(File.ReadAllText)];

    private Process Start(TestFolder folder, params string[] args) => TiterProcess.Start(folder.Path, cluster.Environment, args);

    private Task<TiterOutcome> RunAsync(TestFolder folder, params string[] args) =>
        TiterProcess.RunAsync(folder.Path, cluster.Environment, args);

    private async Task<TiterOutcome> InterruptedAsync(TestFolder folder, params string[] args)
    {
        using var run = Start(folder, args);
        await using var end = new Ending(run);
        var said = new System.Text.StringBuilder();
        var (output, error) = (Task.Run(async () =>
        {
            while (await run.StandardOutput.ReadLineAsync() is { } line) lock (said) said.AppendLine(line);
        }), run.StandardError.ReadToEndAsync());
        await SlurmCluster.UntilAsync(() =>
        {
            lock (said) return Task.FromResult(run.HasExited || said.ToString().Contains("Slurm: 0 jobs running", StringComparison.Ordinal));
        }, "the watch");
        Signal(run.Id, Interrupt);
        await SlurmCluster.UntilAsync(() => Task.FromResult(run.HasExited), "the end");
        await output;
        return new TiterOutcome(run.ExitCode, said.ToString(), await error);
    }

    private async Task<string[]> AliveAsync() => [.. (await cluster.JobsAsync()).Where(j => j.State is "PENDING" or "RUNNING").Select(j => j.Id)];

    private async Task<string> StateOfAsync(string node) => (await cluster.ToolAsync("sinfo", "-h", "-N", "-n", node, "-o", "%T")).Trim();

    /// <summary>A running job that nothing was done to yet.</summary>
    private async Task<string> PickAsync(HashSet<string> done, Process run)
    {
        string? picked = null;
        await SlurmCluster.UntilAsync(async () =>
        {
            if (run.HasExited) return true;
            await HurryAsync();
            picked = (await cluster.JobsAsync()).Where(j => j.State == "RUNNING" && !done.Contains(j.Id)).Select(j => j.Id).FirstOrDefault();
            return picked is not null;
        }, "a running job", Patience);
        Assert.True(picked is not null,
            $"The run ended before everything was done to its jobs (exit code {(run.HasExited ? run.ExitCode : null)}).");
        done.Add(picked);
        return picked;
    }

    /// <summary>A job whose program stands still: it can neither end nor come to a result.</summary>
    private async Task<(string Job, int Process)> StoppedAsync(HashSet<string> done, Process run)
    {
        while (true)
        {
            var job = await PickAsync(done, run);
            var process = await ProcessOfAsync(job);
            if (process == 0) continue;
            Signal(process, Stop);
            if (await StandsStillAsync(process)) return (job, process);
        }
    }

    /// <summary>
    /// A job that Slurm ended at its limit. Warning and limit come together here: one whose program did not listen yet may die of the warning first,
    /// and be requeued instead.
    /// </summary>
    private async Task<string> LateAsync(HashSet<string> done, Process run)
    {
        while (true)
        {
            var (job, _) = await StoppedAsync(done, run);
            await cluster.ToolAsync("scontrol", "update", $"jobid={job}", "endtime=now");
            string? state = null;
            await SlurmCluster.UntilAsync(async () =>
            {
                await HurryAsync();
                state = (await cluster.JobsAsync()).FirstOrDefault(j => j.Id == job).State;
                return state is "TIMEOUT" or "COMPLETED" or "FAILED";
            }, $"the end of job {job}", Patience);
            if (state == "TIMEOUT") return job;
        }
    }

    /// <summary>A signal takes its time: whoever looked away too soon would leave a job behind that stands still for good.</summary>
    /// <returns>False where it ended first.</returns>
    private static async Task<bool> StandsStillAsync(int process)
    {
        while (true)
        {
            try
            {
                var state = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("State:", StringComparison.Ordinal));
                if (state.Contains("\tT", StringComparison.Ordinal)) return true;
                if (state.Contains("\tZ", StringComparison.Ordinal)) return false;
            }
            catch (IOException)
            {
                return false;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Warns a job of its time limit while it plays the first of its two phases: then it has something left to come back for.</summary>
    private async Task<string> WarnAsync(TestFolder folder, HashSet<string> done, Process run)
    {
        while (true)
        {
            var job = await PickAsync(done, run);
            var process = await ProcessOfAsync(job);
            if (process == 0) continue;
            var name = (await cluster.ToolAsync("squeue", "-h", "-r", "-j", job, "-o", "%j")).Trim().Split('-')[^1];
            var task = int.Parse(job.Split('_')[1], CultureInfo.InvariantCulture);
            var phases = File.ReadLines(Path.Combine(folder.Path, "far", "slurm", "arrays.jsonl")).Select(l => JsonNode.Parse(l)!)
                .Where(a => (string)a["array"]! == name).Max(a => a["tasks"]!.AsArray() is { Count: > 0 } tasks ? tasks[task]!.AsArray().Count : 0);
            var log = Path.Combine(folder.Path, "far", "slurm", "logs", $"{name}-{task}.log");
            int Begun() => File.Exists(log) ? File.ReadAllText(log).Split(": started on").Length - 1 : 0;
            while (phases == 2 && Begun() == 0 && Directory.Exists($"/proc/{process}"))
                await Task.Delay(20, TestContext.Current.CancellationToken);
            Signal(process, Stop);
            var isFirst = phases == 2 && Begun() == 1;
            if (isFirst) await cluster.ToolAsync("scancel", "--signal=USR1", "--batch", job);
            // The shell hands it on at once, and the program hears it when it goes on.
            if (isFirst) await Task.Delay(500, TestContext.Current.CancellationToken);
            Signal(process, Continue);
            if (isFirst) return job;
        }
    }

    /// <summary>Slurm lets a requeued job wait for two minutes.</summary>
    private async Task HurryAsync()
    {
        foreach (var job in (await cluster.JobsAsync()).Where(j => j is { State: "PENDING", Reason: "BeginTime" }))
            await cluster.ToolAsync("scontrol", "update", $"jobid={job.Id}", "starttime=now");
    }

    /// <summary>The job's <c>titer</c>, once it has begun.</summary>
    private async Task<int> ProcessOfAsync(string job)
    {
        var found = 0;
        // One that ended meanwhile has none.
        await SlurmCluster.UntilAsync(async () => (found = Find(job)) > 0
            || (await cluster.JobsAsync()).Any(j => j.Id == job && j.State != "RUNNING"), $"the process of job {job}");
        return found;
    }

    private static int Find(string job)
    {
        var (array, task) = (job.Split('_')[0], job.Split('_')[1]);
        foreach (var entry in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                var environment = File.ReadAllText(entry + "/environ").Split('\0');
                if (environment.Contains($"SLURM_ARRAY_JOB_ID={array}") && environment.Contains($"SLURM_ARRAY_TASK_ID={task}")
                    && File.ReadAllText(entry + "/cmdline").Split('\0') is var words && words.Contains("job") && words.Contains("--task")) return id;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended.
            }
        }

        return 0;
    }

    private static void Signal(int process, int signal)
    {
        using var kill = Process.Start("kill", [string.Create(CultureInfo.InvariantCulture, $"-{signal}"),
            process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
