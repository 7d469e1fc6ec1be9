using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;
using Titer.Cli.Install;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Sdk;

namespace Titer.Cli.Commands;

/// <summary>Says whether a tournament can run here, and if not, why.</summary>
internal sealed class DoctorCommand(IAnsiConsole console, TiterHome home, Quarantine quarantine) : ICliCommand
{
    public Command Build()
    {
        var json = new JsonOption("doctor-json");
        var device = new DeviceOption("The device that a tournament is to run on: auto, cpu, cuda or cuda:N. One that is not there is BAD.");
        var sandbox = new SandboxOption();
        var command = new Command("doctor", "Check that a tournament can run on this machine.") { json, device.Option, sandbox };
        command.SetAction(async (parsed, cancellation) =>
        {
            var protection = WorkerProtection.Detect(sandbox.Of(parsed));
            var torch = await TorchAsync(device.Of(parsed), protection, cancellation);
            Finding[] findings = [.. System(), .. Torch(torch), .. Isolation(protection), .. Plugins(), ScenarioFinding(), FeedFinding()];
            var diagnosis = new Diagnosis(findings.All(f => f.Ok != false), findings, torch);
            if (parsed.GetValue(json)) JsonOutput.Write(diagnosis, PrintedJson.Default.Diagnosis);
            else Show(diagnosis);
            return diagnosis.CanRun ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private void Show(Diagnosis diagnosis)
    {
        foreach (var (name, ok, fact) in diagnosis.Findings)
            console.MarkupLineInterpolated($"{(ok switch { true => "ok  ", false => "BAD ", _ => "    " })}{name}: {fact}");
        console.WriteLine(diagnosis.CanRun ? "A tournament can run." : "A tournament cannot run: see what is BAD above.");
    }

    private static IEnumerable<Finding> System()
    {
        yield return new("titer", null,
            $"{TournamentOptions.HostVersion}, SDK API level {HostFacts.OldestApiLevel} to {SdkApi.Level}, {
                RuntimeInformation.FrameworkDescription}");
        yield return new("machine", null,
            $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {
                GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MB of memory");
    }

    private static async Task<TorchFacts> TorchAsync(string device, WorkerProtection protection, CancellationToken cancellation)
    {
        try
        {
            return await WorkerProbe.AskAsync(WorkerProgram.Dll, device, protection, cancellation);
        }
        catch (MachineFaultException e)
        {
            return new TorchFacts { Problem = e.Message };
        }
    }

    private Finding FeedFinding() => new("SDK packages", null,
        SdkFeed.Ensure(home) is { } feed ? $"{Carried.PackageVersion} in {feed}, for 'titer new'" : "none: this titer was built in a clone");

    private static IEnumerable<Finding> Torch(TorchFacts torch)
    {
        if (!torch.Works)
        {
            yield return new("torch", false, torch.Problem ?? "The worker gave no answer.");
            yield break;
        }

        yield return new("torch", true,
            $"TorchSharp {torch.TorchSharpVersion} loads and computes, and a shape error comes back as an exception ({torch.Library})");
        yield return new("libstdc++", true, torch.IsRepaired
            ? $"ends at {torch.StandardLibrary}, older than GCC 13's; the one symbol that torch names but never calls was made optional in a "
                + "copy of its library: the cure is active"
            : $"{torch.StandardLibrary}, as torch needs it; no cure needed");
        yield return new("libtorch", null, torch.Libtorch ?? "the one that came with Titer");
        if (torch.Missing.Count > 0) yield return new("incomplete", null,
            $"{torch.Missing.Count} function(s) that TorchSharp binds are missing there; a call to one ends the "
                + $"worker: {string.Join("; ", torch.Missing)}");
        var gpu = File.Exists("/dev/nvidiactl");
        yield return new("CUDA", null,
            torch.CudaDevices > 0 ? $"{torch.CudaDevices} device(s), the driver runs up to CUDA {torch.CudaDriverVersion ?? "of unknown version"}"
            : gpu ? $"a GPU is there, but this torch has no CUDA: build with -p:Accelerator=cuda, or set {LibtorchFolder.Variable} to 'auto' or "
                + "the lib folder of a PyTorch with CUDA"
            : "none seen; --device cpu is used");
        if (torch.Device is { } device)
            yield return new("device", device.Problem is null,
                device.Problem
                    ?? $"{device.Name} ({device.Processor}) computes "
                        + $"in {device.DataType}{(device.MemoryMegabytes is { } total
                            ? FormattableString.Invariant($", {device.FreeMegabytes:0} of {total:0} MB of memory free")
                            : "")}");
    }

    private static IEnumerable<Finding> Isolation(WorkerProtection protection)
    {
        yield return new("processes", true, "a worker process per phase, killed with its children at its deadline and over its memory");
        yield return new("sandbox", protection.IsSandboxed ? true : null, protection.SandboxText);
        if (protection.Bubblewrap is not null)
            yield return new("second wall", null, Landlock.Abi >= Landlock.LeastAbi
                ? $"Landlock (ABI {Landlock.Abi}), weaker: for workers where bubblewrap is missing (--sandbox landlock)"
                : "none: where bubblewrap is missing, strangers' plugins do not play");
        yield return new("memory cap", null,
            protection.Prlimit is null
                ? "watched from outside only; install util-linux for prlimit's hard cap"
                : "watched from outside, and prlimit's hard cap above it");
    }

    private IEnumerable<Finding> Plugins()
    {
        var sources = TournamentOptions.PluginSources([]);
        var catalog = PluginCatalog.Scan(sources);
        yield return new("plugins", catalog.Plugins.Count > 0,
            $"{catalog.Plugins.Count} accepted, {catalog.Refused.Count} refused in {string.Join(" and ", sources.Select(s => s.Folder))}");
        foreach (var refused in catalog.Refused) yield return new("refused", null, $"{refused.Name}: {refused.Problems[0]}");
        var aside = quarantine.Entries();
        yield return new("quarantine", null,
            aside.Count == 0 ? "empty" : $"{string.Join(", ", aside.Select(e => e.Id).Distinct())} ({home.QuarantineFile})");
    }

    private static Finding ScenarioFinding()
    {
        try
        {
            return new("scenario", true, $"apothecary {Scenario.Open("apothecary").Hash[..16]}, files as pinned");
        }
        catch (ScenarioException e)
        {
            return new("scenario", false, e.Message);
        }
    }
}
