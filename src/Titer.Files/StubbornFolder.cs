using System.ComponentModel;
using System.Diagnostics;

namespace Titer.Files;

/// <summary>
/// Removes folders that a plugin wrote: paths longer than the system takes, names that are not UTF-8, closed folders. Where the runtime's own
/// deletion gives up, coreutils do it by descriptor and by bytes.
/// </summary>
public static class StubbornFolder
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Never throws.</summary>
    /// <returns>Whether it is gone.</returns>
    public static bool Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException) when (!Directory.Exists(folder))
        {
            // A plugin removed its own scratch folder: nothing is left to do.
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or DirectoryNotFoundException)
        {
            return OperatingSystem.IsLinux() && Run("chmod", "-R", "u+rwX", "--", folder) && Run("rm", "-rf", "--", folder)
                && !Directory.Exists(folder);
        }
    }

    /// <summary>Removes what lies in it, and keeps the folder. Never throws.</summary>
    public static void Empty(string folder)
    {
        Delete(folder);
        Directory.CreateDirectory(folder);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
            if (process is null) return false;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            // What chmod cannot change, rm may still remove.
            if (process.WaitForExit(Deadline)) return true;
            process.Kill();
            return false;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
