using System.Runtime.InteropServices;
using Titer.Sdk;
[assembly: TiterPlugin("kills_itself", SdkApi.Level, Summary = "Sends its own process a signal that nothing can ignore.")]

namespace KillsItself;

public sealed partial class DyingDefense : IDefense
{
    private const int Kill = 9;

    public void Immunize(DefenseContext context)
    {
        _ = Signal(Environment.ProcessId, Kill);
        Thread.Sleep(Timeout.Infinite);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
