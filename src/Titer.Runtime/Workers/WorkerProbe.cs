using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Models.Native;
using Titer.Runtime.Phases;
using TorchSharp;

namespace Titer.Runtime.Workers;

/// <summary>What a worker found out about torch on this machine.</summary>
internal sealed record TorchFacts
{
    public bool Works { get; init; }

    /// <summary>What is wrong, with the fix; null when it works.</summary>
    public string? Problem { get; init; }

    /// <summary>The native library that was loaded.</summary>
    public string? Library { get; init; }

    /// <summary>Whether it is a repaired copy (see <see cref="NativeTorch"/>).</summary>
    public bool IsRepaired { get; init; }

    /// <summary>Newest version that the system's libstdc++ offers.</summary>
    public string? StandardLibrary { get; init; }

    public string? TorchSharpVersion { get; init; }

    /// <summary>The libtorch of another installation that was chosen, with versions and folder; null
    /// for the one that came with the program.</summary>
    public string? Libtorch { get; init; }

    /// <summary>Functions that TorchSharp would call and that libtorch does not have; only with <see
    /// cref="NativeTorch.IncompleteVariable"/>.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    public int CudaDevices { get; init; }

    /// <summary>The newest CUDA that the driver runs; null without one.</summary>
    public string? CudaDriverVersion { get; init; }

    /// <summary>The device that was asked about.</summary>
    public DeviceFacts? Device { get; init; }
}

/// <summary>What a worker computes on when it is told to use a device.</summary>
internal sealed record DeviceFacts
{
    /// <summary>For example <c>cuda:0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Why it cannot be used, with the fix; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The GPU's name and compute capability; "CPU" on the CPU.</summary>
    public string? Processor { get; init; }

    /// <summary>Type of weights and activations when nothing asks for another.</summary>
    public string? DataType { get; init; }

    /// <summary>Of the GPU, 2^20 bytes each; null on the CPU.</summary>
    public double? MemoryMegabytes { get; init; }

    public double? FreeMegabytes { get; init; }
}

/// <summary>Starts a worker that plays nothing: can it load torch, and what does torch see? The
/// question's process never loads torch itself.</summary>
internal static class WorkerProbe
{
    /// <summary>What a worker is started with to be probed.</summary>
    public const string Argument = "--probe";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The worker's side: one line of JSON.</summary>
    /// <param name="device">As <c>--device</c> names it.</param>
    public static int Answer(TextWriter output, string device)
    {
        var facts = Facts(device);
        output.WriteLine(JsonSerializer.Serialize(facts, ProbeJson.Default.TorchFacts));
        return facts.Works ? 0 : 1;
    }

    /// <summary>The host's side.</summary>
    public static async Task<TorchFacts> AskAsync(string workerDll, string device, WorkerProtection protection, CancellationToken cancellation)
    {
        if (!File.Exists(workerDll))
            return new TorchFacts { Problem = $"TITER212 The worker is missing: {workerDll}. Build or install Titer again." };
        using var scratch = ScratchFolder.Create();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        Process? process = null;
        try
        {
            process = await WorkerLauncher.StartAsync(
                new WorkerCommand { WorkerDll = workerDll, ScratchFolder = scratch.Path, Protection = protection,
                    UsesGpu = device.StartsWith("cuda", StringComparison.Ordinal) || (device == "auto" && VisibleGpus.Count() > 0) }.Start(Argument,
                        device));
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return Parse(output) ?? new TorchFacts { Problem =
                $"TITER206 The worker ended with exit code {process.ExitCode} and no answer: {(await errors).Trim().Split('\n')[0]}" };
        }
        catch (NativeTorchException e)
        {
            return new TorchFacts { Problem = e.Message };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new TorchFacts { Problem = $"TITER206 The worker did not answer within {Deadline.TotalSeconds:0} s." };
        }
        finally
        {
            if (process is { HasExited: false }) process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }

    private static TorchFacts Facts(string device)
    {
        try
        {
            var state = NativeTorch.EnsureLoaded();
            using var scope = torch.NewDisposeScope();
            var facts = new TorchFacts
            {
                Works = torch.mm(torch.ones([2, 2]), torch.ones([2, 2])).sum().item<float>() == 8 && MismatchesThrow(),
                Library = state.Library,
                IsRepaired = state.Cured,
                StandardLibrary = state.StandardLibrary,
                TorchSharpVersion = typeof(torch).Assembly.GetName().Version?.ToString(3),
                Libtorch = state.Libtorch?.ToString(),
                Missing = state.Missing,
                CudaDriverVersion = CudaDriver.DriverVersion()?.ToString(),
                Device = DeviceProbe.Of(device),
                CudaDevices = torch.cuda_is_available() ? torch.cuda.device_count() : 0,
            };
            return facts.Works ? facts : facts with { Problem =
                "TITER407 torch loads, but computes wrongly or does not report errors. Reinstall TorchSharp 0.107.0 and its libtorch." };
        }
        catch (NativeTorchException e)
        {
            return new TorchFacts { Problem = e.Message };
        }
    }

    /// <summary>A shape error must come back as an exception, or no plugin's mistake could be told from a crash.</summary>
    private static bool MismatchesThrow()
    {
        try
        {
            torch.mm(torch.ones([2, 3]), torch.ones([2, 3])).Dispose();
            return false;
        }
        catch (ExternalException)
        {
            return true;
        }
    }

    private static TorchFacts? Parse(string output)
    {
        try
        {
            return JsonSerializer.Deserialize(output.Trim(), ProbeJson.Default.TorchFacts);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TorchFacts))]
internal sealed partial class ProbeJson : JsonSerializerContext;
