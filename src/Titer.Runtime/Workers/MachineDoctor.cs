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

    /// <summary>The host's work in the worker failed. Before the plugin ran it is the machine's fault, or a
    /// bug; after it, only where the machine is ill.</summary>
    /// <exception cref="MachineFaultException">It was the machine's.</exception>
    public static PhaseResult Judge(PhaseOrder order, FaultMessage fault, bool pluginHasRun)
    {
        if (!pluginHasRun || fault.IsMachines) throw new MachineFaultException(fault.Code, fault.Text);
        if (Illness() is { } illness) throw new MachineFaultException(MachineFaultException.DiskCode, illness);
        return order.Phase.Failed(PhaseStatus.Error, MachineFaultException.HostWorkCode,
            $"The host could not go on with what the plugin left: {fault.Text} A plugin must leave the model, its scratch folder and the process "
                + "usable.");
    }

    /// <summary>A result that a worker sent, unless it tells of a want of the machine.</summary>
    /// <exception cref="MachineFaultException">It does.</exception>
    public static PhaseResult Judge(PhaseOrder order, PhaseResult result)
    {
        if (!MachineFaultException.IsMachines(result.Code)) return result;
        if (result.Code == MachineFaultException.DiskCode && FilledBy(order.ScratchFolder) is { } own)
            return order.Phase.Failed(PhaseStatus.Error, "TITER201", own) with { Spent = result.Spent };
        throw new MachineFaultException(result.Code!, result.Reason ?? "");
    }

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
