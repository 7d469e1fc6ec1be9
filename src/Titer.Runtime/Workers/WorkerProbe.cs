using System.Diagnostics;
using Titer.Models.Native;
using TorchSharp;

namespace Titer.Runtime.Workers;

/// <summary>Starts a worker that plays nothing: can it load torch, and what does torch see? The question's process never loads torch itself.</summary>
public static class WorkerProbe
{
    /// <summary>What a worker is started with to be probed.</summary>
    public const string Argument = "--probe";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The worker's side: facts as lines; 0 when a tournament can run.</summary>
    public static int Answer(TextWriter output)
    {
        try
        {
            var state = NativeTorch.EnsureLoaded();
            using var scope = torch.NewDisposeScope();
            var sum = torch.mm(torch.ones([2, 2]), torch.ones([2, 2])).sum().item<float>();
            output.WriteLine($"torch: loads{(state.Cured ? ", from a repaired copy" : "")} ({state.Library})");
            output.WriteLine(state.Cured
                ? $"libstdc++: ends at {state.StandardLibrary}, older than GCC 13's; the one symbol that torch names but never calls was made optional"
                : $"libstdc++: {state.StandardLibrary}, as torch needs it");
            output.WriteLine($"arithmetic: {(sum == 8 ? "right" : "WRONG")}");
            output.WriteLine($"CUDA: {(torch.cuda_is_available() ? $"{torch.cuda.device_count()} device(s)" : "none seen; --device cpu is used")}");
            return sum == 8 ? 0 : 1;
        }
        catch (NativeTorchException e)
        {
            output.WriteLine(e.Message);
            return 1;
        }
    }

    /// <summary>The host's side.</summary>
    public static async Task<(bool Works, string Facts)> AskAsync(string workerDll, CancellationToken cancellation)
    {
        if (!File.Exists(workerDll)) return (false, $"TITER212 The worker is missing: {workerDll}. Build or install Titer again.");
        using var scratch = ScratchFolder.Create();
        using var process = Process.Start(WorkerProcess.StartInfo(workerDll, Argument, scratch.Path))!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode == 0, (output + await errors).Trim());
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
