using System.Diagnostics;
using System.Security;
using System.Text;
using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Phases;

namespace Titer.Cli.Install;

/// <summary>
/// The libtorch of workers where none lies beside them, which is a tool's installation: that of the NuGet package cache, where tests of plugins
/// have it from too, so that it lies there once whatever uses it and whichever version of titer. What is not in the cache is restored, once.
/// </summary>
internal sealed class WorkerLibtorch(string workerFolder, TiterHome home)
{
    private const string Package = "libtorch-cpu-linux-x64";
    private const string Library = "libtorch.so";
    private const string PackageSize = "128 MB";
    private static readonly string InPackage = Path.Combine("runtimes", "linux-x64", "native");

    /// <summary>The package, in the cache of this user.</summary>
    private static string Cached => Path.Combine(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        Package, Carried.LibtorchVersion, InPackage);

    /// <summary>Lets workers find one, where nothing else does.</summary>
    /// <exception cref="MachineFaultException">There is none, and none can be restored.</exception>
    public void Ensure()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(LibtorchFolder.Variable) is { Length: > 0 }) return;
        var named = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "";
        string[] places = [workerFolder, .. named.Split(':', StringSplitOptions.RemoveEmptyEntries)];
        if (places.Any(HasLibtorch)) return;
        Environment.SetEnvironmentVariable(LibtorchFolder.Variable, HasLibtorch(Cached) ? Cached : Restored());
    }

    private static bool HasLibtorch(string folder) => File.Exists(Path.Combine(folder, Library));

    private string Restored()
    {
        Console.Error.WriteLine(
            $"libtorch {Carried.LibtorchVersion} is not here yet: it is restored into the NuGet package cache, once ({PackageSize} to fetch).");
        using var scratch = ScratchFolder.Create();
        var project = Path.Combine(scratch.Path, "libtorch.csproj");
        // A folder of the user's own, for machines without a network.
        var own = SdkFeed.FolderOf(home);
        var source = SecurityElement.Escape(own);
        File.WriteAllText(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <RestoreAdditionalProjectSources Condition="Exists('{source}')">{source}</RestoreAdditionalProjectSources>
                <RestoreRootConfigDirectory>{SecurityElement.Escape(Environment.CurrentDirectory)}</RestoreRootConfigDirectory>
              </PropertyGroup>
              <ItemGroup>
                <PackageDownload Include="{Package}" Version="[{Carried.LibtorchVersion}]" />
              </ItemGroup>
            </Project>
            """);
        var (exitCode, output) = Run(scratch.Path, "restore", project, "-v", "quiet");
        if (exitCode == 0)
        {
            // A configuration of NuGet may name another cache.
            (_, output) = Run(scratch.Path, "msbuild", project, "-getProperty:NuGetPackageRoot", "-nologo");
            var folder = Path.Combine(output.Trim(), Package, Carried.LibtorchVersion, InPackage);
            if (HasLibtorch(folder)) return folder;
        }

        var why = output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? output;
        throw new MachineFaultException("TITER656",
            $"libtorch {Carried.LibtorchVersion} is not on this machine, and cannot be restored: {VisibleText.OnOneLine(why.Trim(), 400)} Where "
                + $"there is no network, put {Package}.{Carried.LibtorchVersion}.nupkg into {own}, use a PyTorch 2.10 with --libtorch auto, or "
                + "unpack the archive of titer, which has it.");
    }

    /// <returns>What was printed on both streams; for a <c>dotnet</c> that cannot be started, why.</returns>
    private static (int ExitCode, string Output) Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true,
            RedirectStandardError = true };
        start.Environment["DOTNET_NOLOGO"] = start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        try
        {
            using var process = Process.Start(start)!;
            var text = new StringBuilder();
            process.ErrorDataReceived += (_, line) => { lock (text) text.AppendLine(line.Data); };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, $"{text}{output}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, $"error: dotnet cannot be started: {e.Message}");
        }
    }
}
