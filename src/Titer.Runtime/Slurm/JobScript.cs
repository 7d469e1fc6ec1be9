using System.Globalization;
using System.Text;
using Titer.Runtime.Configuration;

namespace Titer.Runtime.Slurm;

/// <summary>How <c>titer</c> is started in a job.</summary>
/// <param name="Program">Words of shell.</param>
/// <param name="Sandbox">As on the command line: strangers' plugins are kept in as they are here.</param>
/// <param name="Environment">Beside what Slurm hands on.</param>
internal sealed record JobProgram(string Program, string Sandbox, IReadOnlyDictionary<string, string> Environment);

/// <summary>
/// The script of an array. Slurm sends USR1 to the shell alone before the time limit, and TERM for scancel, preemption and requeue. Only after USR1
/// does the job put itself back: after scancel it must not, after preemption Slurm does.
/// </summary>
internal static class JobScript
{
    /// <summary>A job that was drained and has phases left ends with this.</summary>
    public const int MoreToPlay = 130;

    /// <summary>128 and SIGUSR1.</summary>
    private const int DiedOfWarning = 138;

    /// <summary>Each time at least one phase was played: what is beyond this is no tournament.</summary>
    private const int MostRequeues = 10_000;

    public static string Of(SlurmSettings settings, JobProgram program, SubmittedArray array, string tasksFile, string logPattern,
        IReadOnlyCollection<string> after)
    {
        var text = new StringBuilder("#!/bin/bash\n");
        void Option(string name, object? value)
        {
            if (value is not null) text.Append(CultureInfo.InvariantCulture, $"#SBATCH --{name}={value}\n");
        }

        Option("job-name", array.JobName);
        Option("array", $"0-{array.Tasks.Count - 1}{(settings.ArrayLimit is { } most ? $"%{most}" : "")}");
        Option("nodes", 1);
        Option("ntasks", 1);
        text.Append("#SBATCH --requeue\n#SBATCH --open-mode=append\n");
        Option("output", Quoted(logPattern));
        if (settings.SignalSeconds > 0) Option("signal", $"B:USR1@{settings.SignalSeconds}");
        Option("partition", settings.Partition);
        Option("account", settings.Account);
        Option("qos", settings.Qos);
        Option("time", settings.Time);
        Option("gres", settings.Gres);
        Option("constraint", settings.Constraint is { } constraint ? Quoted(constraint) : null);
        Option("mem", settings.Memory);
        Option("cpus-per-task", settings.Cpus);
        if (after.Count > 0) Option("dependency", $"afterany:{string.Join(':', after)}");
        foreach (var directive in settings.Directives) text.Append(CultureInfo.InvariantCulture, $"#SBATCH {directive}\n");

        foreach (var (name, value) in program.Environment.Concat(settings.Environment))
            text.Append(CultureInfo.InvariantCulture, $"export {name}={Quoted(value)}\n");
        foreach (var line in settings.Setup) text.Append(line).Append('\n');
        var words = settings.Container is { } container ? $"{container} {program.Program}" : program.Program;
        // A signal ends 'wait', not the program; what it came to is asked once more. A program that does not listen yet dies of the warning, and has
        // as much left to play. The array's number and the index, never SLURM_JOB_ID: of the last job that is the number of the whole array.
        text.Append(CultureInfo.InvariantCulture, $$"""
            limit=0
            trap 'limit=1; kill -USR1 "$pid" 2>/dev/null' USR1
            {{words}} job {{Quoted(tasksFile)}} --task "$SLURM_ARRAY_TASK_ID" --sandbox {{program.Sandbox}} &
            pid=$!
            trap 'kill -TERM "$pid" 2>/dev/null' TERM
            while :; do
              wait "$pid"; rc=$?
              [ "$rc" -gt 128 ] && kill -0 "$pid" 2>/dev/null || break
            done
            [ "$rc" = {{DiedOfWarning}} ] && rc={{MoreToPlay}}
            if [ "$limit" = 1 ] && [ "$rc" = {{MoreToPlay}} ] && [ "${SLURM_RESTART_COUNT:-0}" -lt {{MostRequeues}} ]; then
              scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && sleep 60
            fi
            exit "$rc"

            """);
        return text.ToString();
    }

    /// <summary>One word of shell.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
