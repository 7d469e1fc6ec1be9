using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Titer.Runtime.Workers;

/// <summary>A process and everything that it started, as Linux' <c>/proc</c> tells; elsewhere only the process itself is seen.</summary>
internal static class ProcessTree
{
    private const int MostLooks = 100;
    private const int PieceBytes = 1024;

    /// <summary>Resident memory of the process and its descendants, in MB.</summary>
    public static double ResidentMegabytes(int processId) => WithDescendants(processId).Sum(id => StatusMegabytes(id, "VmRSS:"));

    /// <summary>The largest resident set that one process of the tree ever had, in MB.</summary>
    public static double PeakMegabytes(int processId) =>
        WithDescendants(processId).Select(id => StatusMegabytes(id, "VmHWM:")).DefaultIfEmpty().Max();

    /// <summary>Begins a new largest resident set: what the process used before counts no more. Where
    /// the system does not allow it, it does.</summary>
    public static void ForgetPeak(int processId)
    {
        foreach (var id in WithDescendants(processId))
        {
            try
            {
                File.WriteAllText($"/proc/{id}/clear_refs", "5");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The watch's own readings remain.
            }
        }
    }

    /// <summary>
    /// Kills every process whose environment holds the marker: a child that was left to run when its parent ended no longer belongs to any
    /// tree, but it inherited the variable.
    /// </summary>
    public static void KillMarked(string marker)
    {
        if (!OperatingSystem.IsLinux()) return;
        var wanted = Encoding.UTF8.GetBytes(marker);
        // A second look: what forked while the first one was taken.
        for (var look = 0; look < 2 && KillAll(id => EnvironmentHolds($"/proc/{id}", wanted)); look++)
        {
        }
    }

    /// <summary>Kills every process of a session, for as long as there are some: they may start others meanwhile.</summary>
    /// <param name="session">The process that began it, which may have ended.</param>
    public static void KillSession(int session)
    {
        if (!OperatingSystem.IsLinux()) return;
        for (var look = 0; look < MostLooks && KillAll(id => SessionOf(id) == session); look++)
        {
        }
    }

    /// <summary>The process first.</summary>
    public static List<int> WithDescendants(int processId)
    {
        var tree = new List<int> { processId };
        for (var next = 0; next < tree.Count; next++) tree.AddRange(Children(tree[next]).Where(child => !tree.Contains(child)));
        return tree;
    }

    /// <summary>Those that any of its threads started, and that still are.</summary>
    public static IEnumerable<int> Children(int processId) => ThreadFolders(processId)
        .SelectMany(thread => ReadAll(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    /// <summary>One folder of <c>/proc</c> per thread; none when the process has ended.</summary>
    public static string[] ThreadFolders(int processId)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{processId}/task");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Empty when the process has ended. A supervisor reads hundreds of these at each hand-over of weights: no stream, no reader.</summary>
    public static string ReadAll(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
            var text = new byte[PieceBytes];
            var length = 0;
            // The system says how long a file of /proc is only by its end, and may give less than it was asked for.
            for (int read; (read = RandomAccess.Read(file, text.AsSpan(length), length)) > 0;)
            {
                length += read;
                if (length == text.Length) Array.Resize(ref text, 2 * length);
            }

            return Encoding.UTF8.GetString(text, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended in between.
            return "";
        }
    }

    private static double StatusMegabytes(int processId, string field)
    {
        var status = ReadAll($"/proc/{processId}/status");
        var at = status.IndexOf(field, StringComparison.Ordinal);
        if (at < 0) return 0;
        var kilobytes = status[(at + field.Length)..].TrimStart().Split(' ', 2)[0];
        return double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024;
    }

    /// <returns>Whether there was one.</returns>
    private static bool KillAll(Func<int, bool> isWanted)
    {
        var found = false;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id == Environment.ProcessId) continue;
            if (!isWanted(id)) continue;
            found |= Kill(id);
        }

        return found;
    }

    /// <summary>Of a process that lives: <c>12 (a) b) S 1 12 12 ...</c>, name, state, parent, group, session. Null of one that has ended.</summary>
    private static int? SessionOf(int processId)
    {
        var stat = ReadAll($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields is [not ("Z" or "X"), _, _, var session, ..] ? int.Parse(session, CultureInfo.InvariantCulture) : null;
    }

    private static bool EnvironmentHolds(string folder, byte[] marker)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(marker) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}
