using System.Runtime.InteropServices;

namespace Titer.Plugins;

/// <summary>
/// A plugin's thread that was left to itself may be inside libtorch when the process ends, and the destructors of libtorch's globals would pull the
/// ground from under it: a crash (exit code 139) after everything went well. Such a process leaves without them.
/// </summary>
internal static partial class AbandonedThread
{
    private static int _noted;

    /// <summary>From now on the process ends without native destructors; everything managed ends as ever.</summary>
    public static void Note()
    {
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref _noted, 1) == 1) return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            Console.Out.Flush();
            Console.Error.Flush();
            ExitNow(Environment.ExitCode);
        };
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
