using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Slurm;

/// <summary>
/// The five programs of Slurm that are used: <c>sbatch</c>, <c>squeue</c>, <c>scancel</c>, <c>scontrol</c>, <c>sacct</c>. Their plain output with a
/// format of our own: the layout of <c>--json</c> changes with every release.
/// </summary>
internal static class SlurmCommands
{
    /// <summary>Name, number of the array, index in it, state, reason, nodes.</summary>
    internal const string QueueFormat = "%j|%F|%K|%T|%r|%N";

    private const int UsualMostArraySize = 1001;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Hands in an array.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="SlurmRefusalException">Slurm did not take it, and said why.</exception>
    public static async Task<string> SubmitAsync(string script, CancellationToken cancellation)
    {
        var answer = await RunAsync("sbatch", ["--parsable", script], cancellation);
        if (answer.Code != 0) throw new SlurmRefusalException(answer.Error);
        // "123" or "123;cluster".
        return answer.Output.Trim().Split(';')[0];
    }

    /// <summary>This user's jobs, ended ones too while the scheduler remembers them; null when it did not answer.</summary>
    public static async Task<IReadOnlyList<SlurmJob>?> QueueAsync(CancellationToken cancellation)
    {
        var answer = await RunAsync("squeue", ["--me", "-h", "-r", "-t", "all", "-o", QueueFormat], cancellation);
        return answer.Code == 0
            ? [.. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(SlurmJob.Parse).OfType<SlurmJob>()]
            : null;
    }

    /// <summary>Most jobs of one array; what the cluster does not tell is what it is by default.</summary>
    public static async Task<int> MostArraySizeAsync(CancellationToken cancellation)
    {
        const string field = "MaxArraySize";
        var answer = await RunAsync("scontrol", ["show", "config"], cancellation);
        return answer.Output.Split('\n').FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal)) is { } line
            && int.TryParse(line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture, out var most)
            && most > 0 ? most : UsualMostArraySize;
    }

    /// <summary>Lets a held job start.</summary>
    public static Task ReleaseAsync(SlurmJob job, CancellationToken cancellation) => RunAsync("scontrol", ["release", job.Id], cancellation);

    public static Task CancelAsync(IEnumerable<string> ids, CancellationToken cancellation) => RunAsync("scancel", [.. ids], cancellation);

    /// <summary>How a job ended that the scheduler has forgotten: state and exit code; null where there is no accounting.</summary>
    public static async Task<string?> AccountOfAsync(string id, CancellationToken cancellation)
    {
        var answer = await RunAsync("sacct", ["-n", "-P", "-X", "-j", id, "-o", "State,ExitCode,NodeList"], cancellation);
        return answer.Code == 0 && answer.Output.Trim() is { Length: > 0 } text ? text.Split('\n')[0].Replace("|", ", ", StringComparison.Ordinal)
            : null;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // What was asked of the job that this may run in is not asked of those that it submits.
        foreach (var inherited in start.Environment.Keys.Where(IsOfThisJob).ToArray()) start.Environment.Remove(inherited);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var (output, error) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
                await process.WaitForExitAsync(deadline.Token);
                return (process.ExitCode, await output, (await error).Trim());
            }
            finally
            {
                if (!process.HasExited) process.Kill();
            }
        }
        catch (Win32Exception e)
        {
            throw new MachineFaultException("TITER251", $"{program} cannot be started: {e.Message}. --engine slurm needs the programs of Slurm "
                + "on the path: run it on a login node of the cluster.", e);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (-1, "", $"{program} did not answer within {Deadline.TotalSeconds:0} s");
        }
    }

    private static bool IsOfThisJob(string name) => name.StartsWith("SBATCH_", StringComparison.Ordinal)
        || (name.StartsWith("SLURM_", StringComparison.Ordinal) && name != "SLURM_CONF");
}

/// <summary>Slurm did not take a job; what it said.</summary>
internal sealed class SlurmRefusalException(string said) : Exception(said)
{
    private static readonly string[] OfLimits = ["limit", "QOSMax", "AssocMax", "MaxSubmit", "Slurm temporarily unable to accept job"];

    /// <summary>There is no room for it now.</summary>
    public bool IsOfLimits => OfLimits.Any(word => Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
