using Titer.Runtime.Configuration;
using Titer.Runtime.Slurm;

namespace Titer.Runtime.Tests.Slurm;

/// <summary>What a tournament file asks of Slurm stands in the script, and nothing else does.</summary>
public sealed class JobScriptTests
{
    private static readonly JobProgram Program = new("titer", "on", new Dictionary<string, string> { ["TITER_HOME"] = "/home/it's/me" });

    private static readonly SubmittedArray Array = new("0a1b2c3d", "titer-1-0a1b2c3d", DateTimeOffset.UnixEpoch)
    {
        Tasks = [["p1"], ["p2"], ["p3"]],
    };

    [Fact]
    public void Every_setting_becomes_an_option()
    {
        var settings = TournamentFileReader.Parse("t.yaml", """
            engine:
              slurm:
                partition: gpu
                account: lab
                qos: long
                time: 1-12:00:00
                gres: gpu:a100:1
                constraint: a100&ib
                memory: 64G
                cpus: 8
                array_limit: 4
                signal_seconds: 90
                directives: ["--reservation=night"]
                setup: [module load cuda]
                environment: { HF_HOME: "/scratch/my models" }
                container: apptainer exec --nv titer.sif
            """).Engine!.Slurm;

        var lines = JobScript.Of(settings, Program, Array, "/r/slurm/a.jsonl", "/r/slurm/logs/a-%a.log", ["7_0", "7_1"]).Split('\n');

        Assert.Equal("#!/bin/bash", lines[0]);
        Assert.Equal(
        [
            "--job-name=titer-1-0a1b2c3d", "--array=0-2%4", "--nodes=1", "--ntasks=1", "--requeue", "--open-mode=append",
            "--output='/r/slurm/logs/a-%a.log'", "--signal=B:USR1@90", "--partition=gpu", "--account=lab", "--qos=long", "--time=1-12:00:00",
            "--gres=gpu:a100:1", "--constraint='a100&ib'", "--mem=64G", "--cpus-per-task=8", "--dependency=afterany:7_0:7_1", "--reservation=night",
        ], lines.Where(l => l.StartsWith("#SBATCH ", StringComparison.Ordinal)).Select(l => l["#SBATCH ".Length..]));
        Assert.Contains("export TITER_HOME='/home/it'\\''s/me'", lines);
        Assert.Contains("export HF_HOME='/scratch/my models'", lines);
        Assert.Contains("module load cuda", lines);
        Assert.Contains(lines, l => l.Contains("apptainer exec --nv titer.sif titer job '/r/slurm/a.jsonl' --task \"$SLURM_ARRAY_TASK_ID\" "
            + "--sandbox on", StringComparison.Ordinal));
        Assert.True(settings.AsksForGpu);
    }

    [Fact]
    public void What_is_not_asked_for_is_left_to_the_cluster()
    {
        var text = JobScript.Of(new SlurmSettings { SignalSeconds = 0 }, Program, Array, "a.jsonl", "a-%a.log", []);

        Assert.All(new[] { "partition", "account", "time", "gres", "mem", "cpus", "dependency", "signal", "%4" },
            word => Assert.DoesNotContain($"--{word}", text, StringComparison.Ordinal));
        Assert.False(new SlurmSettings().AsksForGpu);
    }

    [Theory]
    [InlineData("engine: moon", "t.yaml:1:9: TITER666 'moon' is not an engine.")]
    [InlineData("engine: { slurm: { time: soon } }", "t.yaml:1:26: TITER666 'soon' is not a time limit.")]
    [InlineData("engine: { slurm: { partition: 'a b' } }", "t.yaml:1:31: TITER666 It is not one word.")]
    [InlineData("engine: { slurm: { account: $(id) } }", "t.yaml:1:29: TITER666 It is not one word.")]
    [InlineData("engine: { slurm: { directives: [-p gpu] } }", "t.yaml:1:33: TITER666 It is not an option of sbatch.")]
    [InlineData("engine: { slurm: { setup: [\"a\\nb\"] } }", "t.yaml:1:28: TITER666 It has more than one line.")]
    [InlineData("engine: { slurm: { environment: { 1A: x } } }", "t.yaml:1:33: TITER666 '1A' is not the name of a variable.")]
    [InlineData("engine: { slurm: { partitions: gpu } }", "t.yaml:1:20: TITER512 Unknown key 'partitions'. Did you mean 'partition'?")]
    [InlineData("engine: { slurm: { cpus: 0 } }", "t.yaml:1:26: TITER514")]
    public void A_mistake_under_engine_names_its_place(string text, string expected)
    {
        var e = Assert.ThrowsAny<Exception>(() => TournamentFileReader.Parse("t.yaml", text));

        Assert.StartsWith(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine: slurm\n")]
    [InlineData("engine: local\n")]
    [InlineData("engine: { slurm: { partition: gpu, time: 30, phases_per_job: 4, environment: { A: 'b c' }, setup: ['x: y'], directives: ['--x=y'], "
        + "container: a b, program: c, attempts: 5, poll_seconds: 0.5, queue_limit: 9 } }\n")]
    public void The_engine_of_a_file_comes_back(string text)
    {
        var engine = TournamentFileReader.Parse("t.yaml", text).Engine!;

        var again = TournamentFileReader.Parse("t.yaml", TournamentFileWriter.Write(new TournamentFile { Engine = engine })).Engine!;

        Assert.Equal(Text(engine), Text(again));
    }

    private static string Text(EngineEntry e) => $"{e.Kind} {e.Slurm} {string.Join('|', e.Slurm.Setup)} {string.Join('|', e.Slurm.Directives)} {
        string.Join('|', e.Slurm.Environment)}".Replace(nameof(System), "", StringComparison.Ordinal);
}
