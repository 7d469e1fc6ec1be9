using System.ComponentModel;
using Titer.Files;

namespace Titer.Runtime.Workers;

/// <summary>Proves the walls before a stranger's code runs behind them: a worker, started as for a phase, tries what it must not do.</summary>
internal static class WallCheck
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>One sentence when everything was refused.</summary>
    /// <exception cref="WorkerProtectionException">Something was not, or nothing could be tried.</exception>
    public static async Task<string> ProveAsync(string workerDll, WorkerProtection protection, bool usesGpu, CancellationToken cancellation)
    {
        using var scratch = ScratchFolder.Create();
        using var elsewhere = ScratchFolder.Create();
        var secret = Path.Combine(elsewhere.Path, "secret");
        await File.WriteAllTextAsync(secret, "of the operator", cancellation);
        var command = new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = protection, UsesGpu = usesGpu };
        var processes = protection.LandlockAbi is null ? new FileInfo("/proc/self/ns/pid").LinkTarget ?? "" : WallProbe.SharesProcesses;
        var said = await SaidAsync(command, [WallProbe.Argument, secret, processes], cancellation);
        if (said.Split('\n').FirstOrDefault(l => l.StartsWith(WallProbe.Answered, StringComparison.Ordinal)) is not { } answer)
            throw new WorkerProtectionException("TITER239 The sandbox could not be proven: a worker behind it said nothing "
                + $"({VisibleText.OnOneLine(said.Trim(), 500)}). Run 'titer doctor'.");
        var could = answer[WallProbe.Answered.Length..].Split('|', StringSplitOptions.RemoveEmptyEntries);
        if (usesGpu) could = [.. could.Where(c => c != $"call {SeccompFilter.UnnamedMemory.Name}")];
        return could.Length == 0
            ? $"Walls: {WallProbe.Count(processes)} things that a plugin must not do were tried behind them, and refused."
            : throw new WorkerProtectionException("TITER239 The sandbox leaks: a worker behind it could "
                + $"{VisibleText.OnOneLine(string.Join(", ", could), 1000)}. {Fix(protection)}, or --sandbox off for plugins "
                    + "that you trust.");
    }

    private static string Fix(WorkerProtection protection) =>
        protection.Bubblewrap is null ? "Use bubblewrap (apt-get install bubblewrap) or a newer kernel" : "Use a newer bubblewrap and kernel";

    private static async Task<string> SaidAsync(WorkerCommand command, string[] arguments, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            using var process = await WorkerLauncher.StartAsync(command.Start(arguments));
            try
            {
                process.StandardInput.Close();
                var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
                await process.WaitForExitAsync(deadline.Token);
                return $"{await output}\n{await errors}";
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {Deadline.TotalSeconds:0} s";
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
