using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Titer.TestSupport;

/// <summary>A machine without a sandbox: no program is found, and the kernel says that it has no Landlock.</summary>
internal static class NoSandbox
{
    /// <summary>Marks an environment for <see cref="TiterProcess"/>.</summary>
    public const string Variable = "TITER_TESTS_NO_SANDBOX";

    private const string Python = "/usr/bin/python3";

    /// <summary>Refuses one system call (landlock_create_ruleset) to itself, then becomes what is named.</summary>
    private const string Script = """
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None)
        code = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (6, 0, 0, 0x50000 | 38), (6, 0, 0, 0x7FFF0000)]
        text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
        program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(text))
        assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
        os.execv(sys.argv[1], sys.argv[1:])
        """;

    /// <summary>Skips the test where this cannot be made up.</summary>
    /// <param name="folder">Where an empty folder is made.</param>
    /// <param name="path">The folder in which programs are found; null: none are.</param>
    public static Dictionary<string, string> In(string folder, string? path = null)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Python)) Assert.Skip($"{Python} is not there, which plays a machine without Landlock.");
        return new() { ["PATH"] = path ?? Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName, [Variable] = "yes" };
    }

    public static void Wrap(ProcessStartInfo start)
    {
        start.ArgumentList.Insert(0, Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", start.FileName)));
        start.ArgumentList.Insert(0, Script);
        start.ArgumentList.Insert(0, "-c");
        start.FileName = Python;
    }
}
