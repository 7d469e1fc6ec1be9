namespace Titer.Runtime.Slurm;

/// <summary>One job of an array as the scheduler sees it.</summary>
/// <param name="State">As <c>squeue</c> writes it: PENDING, RUNNING, COMPLETED, ...</param>
/// <param name="Reason">Why it waits, or how it ended.</param>
internal sealed record SlurmJob(string Name, string ArrayId, int Task, string State, string Reason, string Nodes)
{
    private static readonly string[] Ended =
    [
        "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY", "REVOKED", "SPECIAL_EXIT",
    ];

    /// <summary>For people, and for <c>scontrol</c> and <c>scancel</c>.</summary>
    public string Id => FormattableString.Invariant($"{ArrayId}_{Task}");

    /// <summary>It waits, runs, or is on its way from one to the other.</summary>
    public bool IsAlive => !Ended.Contains(State);

    public bool IsRunning => State is "RUNNING" or "COMPLETING" or "CONFIGURING" or "STAGE_OUT";

    /// <summary>Slurm could not finish putting it back into the queue, and waits for a hand. What a user holds is the user's.</summary>
    public bool IsStuck => State == "PENDING" && Reason.Contains("requeued held", StringComparison.OrdinalIgnoreCase);

    /// <summary>Of a line of <see cref="SlurmCommands.QueueFormat"/>; null for one that is none of an array.</summary>
    public static SlurmJob? Parse(string line)
    {
        var parts = line.Split('|');
        return parts.Length >= 6 && int.TryParse(parts[2], System.Globalization.CultureInfo.InvariantCulture, out var task)
            ? new SlurmJob(parts[0], parts[1], task, parts[3], parts[4], parts[5])
            : null;
    }
}
