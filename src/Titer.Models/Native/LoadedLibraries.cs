using System.Runtime.InteropServices;

namespace Titer.Models.Native;

/// <summary>Libraries that this process has mapped, as the kernel lists them.</summary>
internal static partial class LoadedLibraries
{
    private const string Maps = "/proc/self/maps";
    private const string StandardLibrary = "libstdc++.so.6";

    /// <summary>Files with one of these names, links followed; each once.</summary>
    public static IReadOnlyList<string> Named(Func<string, bool> isWanted) =>
        [.. File.ReadLines(Maps).Select(PathOf).Where(p => p.Length > 0 && isWanted(Path.GetFileName(p))).Distinct(StringComparer.Ordinal)];

    /// <summary>A file without the links on its way: what the kernel shows of a mapped one. As it is when it does not exist.</summary>
    public static string Real(string file)
    {
        var resolved = RealPath(file, 0);
        try
        {
            return resolved == 0 ? Path.GetFullPath(file) : Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            Free(resolved);
        }
    }

    /// <summary>Libraries of the C and C++ runtimes by soname, for their tables. Loads libstdc++ when nothing has yet.</summary>
    public static Dictionary<string, ElfImage> System()
    {
        NativeLibrary.TryLoad(StandardLibrary, out _);
        string[] names = ["libc.so", "libm.so", "libgcc_s.so", "libstdc++.so", "ld-linux", "libpthread.so", "libdl.so", "librt.so"];
        var images = new Dictionary<string, ElfImage>(StringComparer.Ordinal);
        foreach (var file in Named(name => names.Any(n => name.StartsWith(n, StringComparison.Ordinal))))
            images.TryAdd(Soname(Path.GetFileName(file)), ElfImage.Read(file));
        return images;
    }

    /// <summary>GLIBCXX versions that the C++ runtime among <paramref name="system"/> offers; empty when it is not there.</summary>
    public static string[] StandardLibraryVersions(IReadOnlyDictionary<string, ElfImage> system) =>
        !system.TryGetValue(StandardLibrary, out var library) ? []
        : [.. library.VersionDefinitions.Values.Where(
            v => v.StartsWith("GLIBCXX_", StringComparison.Ordinal) && Version.TryParse(v["GLIBCXX_".Length..], out _))];

    /// <summary>A mangled C++ name as one writes it, by the C++ runtime itself; as it is when that cannot.</summary>
    public static string Readable(string symbol)
    {
        if (!NativeLibrary.TryLoad(StandardLibrary, out var runtime) || !NativeLibrary.TryGetExport(runtime, "__cxa_demangle", out var function))
            return symbol;
        var text = Marshal.GetDelegateForFunctionPointer<Demangle>(function)(symbol, 0, 0, out var status);
        try
        {
            return status == 0 ? Marshal.PtrToStringUTF8(text)! : symbol;
        }
        finally
        {
            Free(text);
        }
    }

    /// <summary>A file of a release (<c>libstdc++.so.6.0.30</c>) has the soname up to its first number.</summary>
    private static string Soname(string file)
    {
        var end = file.IndexOf(".so.", StringComparison.Ordinal);
        if (end < 0) return file;
        var second = file.IndexOf('.', end + ".so.".Length);
        return second < 0 ? file : file[..second];
    }

    private static string PathOf(string line)
    {
        var start = line.IndexOf('/');
        return start < 0 ? "" : line[start..];
    }

    private delegate nint Demangle([MarshalAs(UnmanagedType.LPUTF8Str)] string name, nint buffer, nint length, out int status);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint pointer);
}
