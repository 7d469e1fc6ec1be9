using System.CommandLine;
using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Slurm;

namespace Titer.Cli.Commands;

/// <summary>Where a run's phases are played, and what becomes of jobs when nobody waits for them any more.</summary>
internal sealed class EngineOptions
{
    private const string Leave = "leave";

    private readonly Option<string?> _engine =
        new("--engine") { Description = "local or slurm; default what the tournament file says, else local." };
    private readonly Option<bool> _detach = new("--detach") { Description = "With Slurm: hand the jobs in and return; 'titer status' shows them." };
    private readonly Option<string> _onInterrupt = new("--on-interrupt")
    {
        Description = "With Slurm: leave the jobs in the queue at Ctrl-C, or cancel them.", DefaultValueFactory = _ => Leave,
    };

    public void AddTo(Command command)
    {
        _engine.AcceptOnlyFromAmong("local", "slurm");
        _onInterrupt.AcceptOnlyFromAmong(Leave, "cancel");
        foreach (var option in new Option[] { _engine, _detach, _onInterrupt }) command.Options.Add(option);
    }

    public bool IsDetached(ParseResult parsed) => parsed.GetValue(_detach);

    public bool CancelsJobs(ParseResult parsed) => parsed.GetValue(_onInterrupt) != Leave;

    /// <summary>The settings of Slurm; null where phases are played on this machine.</summary>
    /// <exception cref="ConfigurationException">--detach without a cluster.</exception>
    public SlurmSettings? SlurmOf(ParseResult parsed, TournamentFile file)
    {
        var kind = parsed.GetValue(_engine) is { } name ? Enum.Parse<EngineKind>(name, ignoreCase: true) : file.Engine?.Kind ?? EngineKind.Local;
        if (kind == EngineKind.Local && IsDetached(parsed))
            throw new ConfigurationException("TITER667 --detach is for --engine slurm: on this machine nobody would play on. Leave it out, or start "
                + "titer under nohup or tmux.");
        return kind == EngineKind.Slurm ? file.Engine?.Slurm ?? new SlurmSettings() : null;
    }

    /// <summary>This program, as a node starts it.</summary>
    public static JobProgram Program(SlurmSettings settings, string sandbox)
    {
        var own = Environment.ProcessPath!;
        var words = Path.GetFileNameWithoutExtension(own) == "dotnet"
            ? $"{JobScript.Quoted(own)} exec {JobScript.Quoted(typeof(EngineOptions).Assembly.Location)}"
            : JobScript.Quoted(own);
        var environment = new Dictionary<string, string> { ["TITER_HOME"] = TiterHome.FromEnvironment().Path };
        if (Environment.GetEnvironmentVariable(LibtorchFolder.Variable) is { Length: > 0 } libtorch) environment[LibtorchFolder.Variable] = libtorch;
        return new JobProgram(settings.Program ?? words, sandbox, environment);
    }
}
