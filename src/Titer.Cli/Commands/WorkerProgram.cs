using Titer.Cli.Install;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Cli.Commands;

/// <summary>The program that plays phases, beside this one.</summary>
internal static class WorkerProgram
{
    /// <summary>Whoever asks for it starts workers: they have a libtorch from here on.</summary>
    private static readonly Lazy<string> Ready = new(() =>
    {
        new WorkerLibtorch(Path.GetDirectoryName(Carried.Worker)!, TiterHome.FromEnvironment()).Ensure();
        return Carried.Worker;
    });

    /// <exception cref="Titer.Runtime.Phases.MachineFaultException">There is no libtorch for it.</exception>
    public static string Dll => Ready.Value;
}
