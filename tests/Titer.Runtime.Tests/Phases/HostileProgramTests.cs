using System.Runtime.Versioning;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Scenarios.Tests;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What a program leaves is input from an enemy, also where nothing stands between it and the host: its own result, and soon.</summary>
[SupportedOSPlatform("linux")]
public sealed class HostileProgramTests : IDisposable
{
    /// <summary>Copies the subject as the model that was asked for; the rest of a script spoils it. $1 is the task, $out its output.</summary>
    private const string Begin =
        "out=$(sed 's/.*\"output\":\"\\([^\"]*\\)\".*/\\1/' \"$1\"); model=$(dirname \"$1\")/model; cp -r \"$model\"/. \"$out\"; ";

    private readonly ScenarioCopy _copy = new();
    private readonly Scenario _scenario;
    private readonly string _program;
    private readonly string _output;

    public HostileProgramTests()
    {
        _scenario = Scenario.Open(_copy.Folder);
        _program = Directory.CreateDirectory(Path.Combine(_copy.Folder, "program")).FullName;
        _output = Path.Combine(_copy.Folder, "out.safetensors");
    }

    public void Dispose()
    {
        // Names that are no text are deleted by bytes alone.
        StubbornFolder.Empty(Path.Combine(_copy.Folder, "scratch"));
        _copy.Dispose();
    }

    [Theory]
    [InlineData("rm \"$out/model.safetensors\"; ln -s \"$model/model.safetensors\" \"$out/model.safetensors\"", "TITER263", "holds the link")]
    [InlineData("ln -s / \"$out/everything\"", "TITER263", "holds the link 'everything'")]
    [InlineData("rm \"$out/config.json\"; ln -s /etc/passwd \"$out/config.json\"", "TITER263", "holds the link 'config.json'")]
    [InlineData("mkfifo \"$out/spent.json\"", "TITER263", "a pipe, a socket or a device")]
    [InlineData("rm \"$out/model.safetensors\"; mkfifo \"$out/model.safetensors\"", "TITER263", "a pipe, a socket or a device")]
    [InlineData("truncate -s 1T \"$out/model.safetensors\"", "TITER263", "holds more than")]
    [InlineData("truncate -s 65M \"$out/config.json\"", "TITER263", "'config.json' has more than 64 MB")]
    [InlineData("i=0; while [ $i -lt 1200 ]; do : > \"$out/f$i\"; i=$((i+1)); done", "TITER263", "holds more than 1000 files")]
    [InlineData("printf '\\377\\377\\377\\377\\377\\377\\377\\177' > \"$out/model.safetensors\"", "TITER4", "model.safetensors")]
    [InlineData("printf '\\050\\0\\0\\0\\0\\0\\0\\0{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999]}}' > \"$out/model.safetensors\"", "TITER4",
        "model.safetensors")]
    [InlineData("printf '{\"steps\":9223372036854775807}' > \"$out/spent.json\"", "TITER263", "more than it may spend")]
    [InlineData("printf '{\"steps\":0,\"tokens\":9223372036854775807}' > \"$out/spent.json\"", "TITER263", "more than it may spend")]
    [InlineData("printf '{\"steps\":1e300}' > \"$out/spent.json\"", "TITER263", "its spent.json is none")]
    [InlineData("head -c 100000 /dev/zero > \"$out/spent.json\"", "TITER263", "100000 bytes")]
    [InlineData("ln -s /dev/zero \"$out/spent.json\"", "TITER263", "holds the link")]
    [InlineData("mkdir \"$out/spent.json\"", "TITER263", "")]
    [InlineData("mkdir -p \"$out/d\"; mkfifo \"$out/d/p\"", "TITER263", "a pipe, a socket or a device")]
    [InlineData("rm -r \"$out\"", "TITER263", "")]
    [InlineData("rm -r \"$out\"; : > \"$out\"", "TITER", "")]
    public async Task What_it_leaves_in_place_of_a_model_is_refused(string spoils, string code, string words)
    {
        var result = await PlayAsync(Begin + spoils);

        Assert.Equal(PhaseStatus.Invalid, result.Status);
        Assert.StartsWith(code, result.Code, StringComparison.Ordinal);
        Assert.Contains(words, result.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(_output));
    }

    [Theory]
    [InlineData("(sleep 300; echo late) & exit 0")]
    [InlineData("setsid sleep 300 & exit 0")]
    [InlineData("head -c 200000000 /dev/zero; exit 0")]
    [InlineData("printf '%0200000000d' 0 >&2; exit 0")]
    [InlineData(": > \"$out/$(printf 'a\\377b')\"; exit 0")]
    [InlineData("printf '{\"steps\":0}' > \"$out/spent.json\"; exit 0")]
    public async Task What_else_it_does_costs_nobody_anything(string does)
    {
        var result = await PlayAsync(Begin + does);

        Assert.True(result.Status == PhaseStatus.Done, $"{result.Code} {result.Reason}");
        Assert.Equal(0, result.Spent.Steps);
        Assert.True(File.Exists(_output));
    }

    private async Task<PhaseResult> PlayAsync(string script)
    {
        await File.WriteAllTextAsync(Path.Combine(_program, "defend.sh"), script + "\n");
        var program = new ProgramOrder(_program, ["/bin/sh", "defend.sh"], []);
        var order = new PhaseOrder
        {
            Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Defend, Seed = 1, RandomSeed = 1,
                Defense = new Entrant { Id = "d", Label = "d", ContentHash = ProgramRun.Hash(program), Origin = EntrantOrigin.Program } },
            ScenarioPartFile = "none",
            SubjectFolder = _scenario.SubjectFolder,
            Program = program,
            Device = "cpu",
            Limits = new PhaseLimits { Steps = 10, Samples = 100, WallSeconds = 60 },
            OutputWeightsFile = _output,
            ScratchFolder = Directory.CreateDirectory(Path.Combine(_copy.Folder, "scratch")).FullName,
        };
        // A hang is a failure: what outlives the program holds its output open for longer than this.
        return await Task.Run(() =>
        {
            using var root = PluginRoot.Create();
            return new PhasePlayer(new WarmPhaseHost(root, _scenario, "cpu", _ => null)).Play(order, new Silence(), CancellationToken.None);
        }).WaitAsync(TimeSpan.FromMinutes(4), TestContext.Current.CancellationToken);
    }
}
