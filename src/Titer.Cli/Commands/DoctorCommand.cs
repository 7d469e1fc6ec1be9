using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;
using Titer.Runtime.Plugins;
using Titer.Runtime.Workers;
using Titer.Scenarios;

namespace Titer.Cli.Commands;

/// <summary>Says whether a tournament can run here, and if not, why.</summary>
internal sealed class DoctorCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var command = new Command("doctor", "Check that a tournament can run on this machine.");
        command.SetAction(async (_, cancellation) =>
        {
            console.WriteLine($"titer: {TournamentOptions.HostVersion} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores");
            var (works, facts) = await WorkerProbe.AskAsync(Path.Combine(AppContext.BaseDirectory, "worker", "Titer.Worker.dll"), cancellation);
            console.WriteLine(facts);
            var catalog = PluginCatalog.Scan(TournamentOptions.PluginFolders([]));
            console.WriteLine($"plugins: {catalog.Plugins.Count} found, {catalog.Refused.Count} refused");
            foreach (var refused in catalog.Refused) console.WriteLine($"  {refused.Name}: {refused.Problems[0]}");
            console.WriteLine($"scenario: {Scenario.Open("apothecary").Hash[..16]} apothecary, files as pinned");
            console.WriteLine("isolation: a process per phase; no operating-system sandbox");
            console.WriteLine(works ? "A tournament can run." : "A tournament cannot run: see above.");
            return works ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }
}
