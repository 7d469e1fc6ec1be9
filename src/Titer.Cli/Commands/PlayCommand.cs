using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Plugins;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary>The author's loop: watches one plugin and plays a small match on every build of it.</summary>
internal sealed class PlayCommand(IAnsiConsole console) : ICliCommand
{
    private static readonly TimeSpan BuildToolDeadline = TimeSpan.FromSeconds(60);

    public Command Build()
    {
        var plugin = new Argument<string>("plugin") { Description =
            "The plugin's folder or dll, or its project (then build it in another terminal, for example with 'dotnet watch build')." };
        var set = new Option<string[]>("--set") { Description = "Options of the plugin, as name=value.", AllowMultipleArgumentsPerToken = true };
        var device = new Option<string>("--device") { Description = "cpu, cuda or cuda:N.", DefaultValueFactory = _ => "cpu" };
        var matches = new Option<int?>("--matches") { Description = "Stop after that many matches; without it, Ctrl-C stops." };
        var json = new JsonOption("play-json", "Print one JSON object for everything that happens, each on a line");
        var command = new Command("play", "Watch a plugin, and play a small match on every build of it.") { plugin, set, device, matches, json };
        command.SetAction(async (parsed, _) =>
        {
            var order = new PlayOrder
            {
                PluginPath = await PluginPathAsync(Path.GetFullPath(parsed.GetValue(plugin)!)),
                OpponentFolders = [.. TournamentOptions.PluginSources([]).Select(s => s.Folder)],
                Scenario = "apothecary",
                Device = parsed.GetValue(device)!,
                Set = Options(parsed.GetValue(set) ?? []),
            };
            using var stop = new InterruptSignals(static _ => { });
            var score = new PlayScore();
            await using IPlayView screen = parsed.GetValue(json) ? new JsonPlay(score)
                : console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi ? new LivePlay(console, score)
                : new PlainPlay(Console.Out, score);
            await new PlaySupervisor(WorkerProgram.Dll, screen).RunAsync(order, parsed.GetValue(matches), stop.Drain);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>A project stands for the folder that it builds into, as MSBuild itself says.</summary>
    private static async Task<string> PluginPathAsync(string path)
    {
        var projects = Directory.Exists(path)
            ? Directory.GetFiles(path, "*.csproj")
            : path.EndsWith(".csproj", StringComparison.Ordinal) ? [path] : [];
        if (projects.Length == 0)
            return File.Exists(path) || Directory.Exists(path)
                ? path
                : throw new ConfigurationException(
                    $"{PluginProblemCode.FolderMissing} There is no plugin at {path}. Name its folder, its dll or its project.");
        var start = new ProcessStartInfo("dotnet", ["msbuild", projects[0], "-getProperty:TargetDir", "-nologo"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(BuildToolDeadline);
        var folder = (await process.StandardOutput.ReadToEndAsync(deadline.Token)).Trim();
        await process.WaitForExitAsync(deadline.Token);
        if (process.ExitCode != 0 || folder.Length == 0)
            throw new ConfigurationException($"TITER612 {projects[0]} cannot be evaluated: {folder} Name the folder that it builds into.");
        // Before the first build there is nothing to watch.
        Directory.CreateDirectory(folder);
        return folder;
    }

    private static Dictionary<string, string> Options(string[] settings)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new ConfigurationException($"TITER610 --set '{setting}' is not name=value.");
            options[setting[..at]] = setting[(at + 1)..];
        }

        return options;
    }
}
