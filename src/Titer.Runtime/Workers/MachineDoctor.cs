using System.Globalization;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// Tells a fault of the machine from one of a plugin where a worker's word does not decide: it looks whether the machine can do now what the
/// worker could not.
/// </summary>
internal static class MachineDoctor
{
    /// <summary>A plugin whose own files fill this much of the disk is what filled it.</summary>
    private const double OwnShare = 0.5;

    private const int ProbeBytes = 1 << 20;

    /// <summary>Only a process that runs a stranger's code says that the machine is at fault.</summary>
    private const string ClaimCode = "TITER242";

    /// <summary>
    /// The host's work in the worker failed. Before the plugin ran it is the machine's fault, or a bug; after it, only where the machine is ill.
    /// Nor is a worker's word enough then where a stranger's code runs, which can write to its pipe.
    /// </summary>
    /// <exception cref="MachineFaultException">It was the machine's.</exception>
    public static PhaseResult Judge(PhaseOrder order, FaultMessage fault, bool pluginHasRun)
    {
        if (pluginHasRun && OwnFill(order, fault.Code) is { } own) return own;
        if (!pluginHasRun || (fault.IsMachines && order.Role != PhaseRole.Player)) throw new MachineFaultException(fault.Code, fault.Text);
        if (Illness() is { } illness) throw new MachineFaultException(MachineFaultException.DiskCode, illness);
        if (fault.IsMachines) return Claim(order, fault.Text);
        return order.Phase.Failed(PhaseStatus.Error, MachineFaultException.HostWorkCode,
            $"The host could not go on with what the plugin left: {fault.Text} A plugin must leave the model, its scratch folder and the process "
                + "usable.");
    }

    /// <summary>
    /// A result that a worker sent, unless it tells of a want of the machine. Where a stranger's code runs that is a claim, which holds as the
    /// plugin's own failure unless the want is seen from here.
    /// </summary>
    /// <exception cref="MachineFaultException">It does.</exception>
    public static PhaseResult Judge(PhaseOrder order, PhaseResult result)
    {
        if (!MachineFaultException.IsMachines(result.Code)) return result;
        if (OwnFill(order, result.Code) is { } own) return own with { Spent = result.Spent };
        if (order.Role == PhaseRole.Player && Illness() is null)
            return Claim(order, result.Reason) with { Spent = result.Spent };
        throw new MachineFaultException(result.Code!, result.Reason ?? "");
    }

    /// <summary>
    /// Whether what a process of a stranger came to may be another's doing, and is tried again: only what happens every time is its own.
    /// </summary>
    public static bool IsClaim(PhaseOrder order, PhaseResult result) =>
        order.Role == PhaseRole.Player && result.Code == ClaimCode;

    private static PhaseResult Claim(PhaseOrder order, string? what) => order.Phase.Failed(PhaseStatus.Error, ClaimCode,
        $"The plugin's process blamed the machine, again and again, and nothing here shows that: {what} Keep less in memory and on the disk; if the "
            + "machine was short of it then, start the run with --retry.");

    /// <summary>Why files cannot be written now; null when they can.</summary>
    public static string? Illness()
    {
        try
        {
            using var scratch = ScratchFolder.Create();
            using var file = new FileStream(Path.Combine(scratch.Path, "probe"), FileMode.CreateNew, FileAccess.Write);
            file.Write(new byte[ProbeBytes]);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Files cannot be written to {Path.GetTempPath()}: {e.Message} Make room in it, or set TMPDIR to a folder that has some.";
        }
    }

    /// <summary>A full disk that is the plugin's own doing, as its failure.</summary>
    private static PhaseResult? OwnFill(PhaseOrder order, string? code) =>
        code == MachineFaultException.DiskCode && FilledBy(order.ScratchFolder) is { } own
            ? order.Phase.Failed(PhaseStatus.Error, "TITER201", own)
            : null;

    /// <summary>A sentence when the plugin's own files are what fills the disk.</summary>
    private static string? FilledBy(string scratch)
    {
        try
        {
            var files = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true,
                AttributesToSkip = FileAttributes.ReparsePoint };
            var bytes = new DirectoryInfo(scratch).EnumerateFiles("*", files).Sum(f => f.Length);
            return bytes < OwnShare * new DriveInfo(scratch).TotalSize
                ? null
                : string.Create(CultureInfo.InvariantCulture,
                    $"The plugin filled the disk: it wrote {bytes >> 20} MB to its scratch folder. Keep less there.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
