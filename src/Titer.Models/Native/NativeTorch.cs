using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace Titer.Models.Native;

/// <summary>How torch's native library was loaded; for diagnosis.</summary>
/// <param name="Library">The file that was loaded.</param>
/// <param name="Cured">True when it is the repaired copy.</param>
/// <param name="StandardLibrary">Newest GLIBCXX version that the system's libstdc++ offers, or "unknown".</param>
public sealed record NativeTorchState(string Library, bool Cured, string StandardLibrary);

/// <summary>Torch's native library cannot be loaded on this system; the message says why and what helps.</summary>
public sealed class NativeTorchException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Loads torch's native library, before the first use of <c>torch</c>. TorchSharp 0.107 names one symbol of GCC 13's C++ runtime that nothing
/// calls (<c>std::ios_base_library_init</c>, GLIBCXX_3.4.32); systems with an older runtime (Debian 12, Ubuntu 22.04) refuse it. There, a copy with
/// that symbol made optional is put into a cache folder beside links to the very same libtorch, and loaded first. Thread-safe.
/// </summary>
public static class NativeTorch
{
    internal const string Symbol = "_ZSt21ios_base_library_initv";
    internal const string Version = "GLIBCXX_3.4.32";

    /// <summary>The newest version that is really called: without it nothing here helps.</summary>
    private const string NeededVersion = "GLIBCXX_3.4.30";

    private const string LibraryName = "libLibTorchSharp.so";
    private static readonly Lock Loading = new();
    private static NativeTorchState? _state;

    /// <summary>How the library was loaded; null before <see cref="EnsureLoaded"/>.</summary>
    public static NativeTorchState? State => _state;

    /// <exception cref="NativeTorchException">It cannot be loaded.</exception>
    public static NativeTorchState EnsureLoaded()
    {
        lock (Loading)
        {
            if (_state is not null) return _state;
            if (!OperatingSystem.IsLinux())
            {
                torch.InitializeDeviceType(DeviceType.CPU);
                return _state = new NativeTorchState("TorchSharp's own", false, "not needed");
            }

            _state = Load();
            // The one place where a global torch setting is made: lanes are parallel, torch inside a lane is not.
            if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null) torch.set_num_threads(1);
            return _state;
        }
    }

    /// <summary>
    /// The library that a process whose program lies in <paramref name="folder"/> will load, repaired in the cache where the system needs
    /// it. Loads no torch: a host prepares for workers that cannot write to the cache themselves. Null when there is none.
    /// </summary>
    /// <exception cref="NativeTorchException">It cannot be repaired.</exception>
    public static string? Prepare(string folder)
    {
        if (!OperatingSystem.IsLinux()) return null;
        return FindIn([folder, Path.Combine(folder, "runtimes", "linux-x64", "native")]) is { } library ? Usable(library, SystemVersions()).Library : null;
    }

    private static NativeTorchState Load()
    {
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var library = FindIn([AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"), .. searched])
            ?? throw new NativeTorchException($"TITER401 {LibraryName} is not in {AppContext.BaseDirectory}. Reference TorchSharp and libtorch-cpu-linux-x64, or reinstall.");
        var system = SystemVersions();
        var (loaded, cured) = Usable(library, system);
        try
        {
            NativeLibrary.Load(loaded);
        }
        catch (DllNotFoundException e)
        {
            var fix = system.Length > 0 && !system.Contains(NeededVersion)
                ? $"This system's libstdc++ ends before {NeededVersion}, which torch calls: install a newer libstdc++ (module load gcc, or conda) and put it on LD_LIBRARY_PATH."
                : "Check that libtorch lies beside it and is the version that TorchSharp was built for.";
            throw new NativeTorchException($"TITER403 {loaded} does not load: {e.Message.Trim()} {fix}", e);
        }

        return new NativeTorchState(loaded, cured, system.Length > 0 ? system.MaxBy(v => System.Version.Parse(v["GLIBCXX_".Length..]))! : "unknown");
    }

    private static (string Library, bool Cured) Usable(string library, string[] system)
    {
        var torchFolder = Environment.GetEnvironmentVariable("TITER_LIBTORCH");
        if (torchFolder is not null && !File.Exists(Path.Combine(torchFolder, "libtorch.so")))
            throw new NativeTorchException($"TITER402 TITER_LIBTORCH is '{torchFolder}', which has no libtorch.so. Name the 'lib' folder of a PyTorch 2.10 installation.");
        var needsCure = system.Length > 0 && !system.Contains(Version);
        return (needsCure || torchFolder is not null ? CureInCache(library, torchFolder, needsCure) : library, needsCure);
    }

    private static string? FindIn(IEnumerable<string> folders) => folders.Select(folder => Path.Combine(folder, LibraryName)).FirstOrDefault(File.Exists);

    private static string CureInCache(string library, string? torchFolder, bool patch)
    {
        try
        {
            return Cure(library, torchFolder, patch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NativeTorchException($"TITER406 The repaired copy of {LibraryName} cannot be put into the cache: {e.Message} Set XDG_CACHE_HOME to a folder that you can write to.", e);
        }
    }

    /// <summary>A folder with the repaired copy and links to libtorch, made once per source; parallel processes may race for it.</summary>
    private static string Cure(string library, string? torchFolder, bool patch)
    {
        var source = Real(library);
        torchFolder = Path.GetFullPath(torchFolder ?? Path.GetDirectoryName(library)!);
        var libraries = Directory.EnumerateFiles(torchFolder, "lib*.so*").Where(f => Path.GetFileName(f) != LibraryName).Order(StringComparer.Ordinal).ToArray();
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"{source}|{new FileInfo(source).Length}|{File.GetLastWriteTimeUtc(source).Ticks}|{string.Join('|', libraries.Select(Real))}|{patch}"))))[..16];
        var folder = Path.Combine(CacheFolder(), "titer", "native", key);
        var cured = Path.Combine(folder, LibraryName);
        if (File.Exists(cured)) return cured;
        Directory.CreateDirectory(folder);
        foreach (var file in libraries)
        {
            try
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), Real(file));
            }
            catch (IOException) when (new FileInfo(Path.Combine(folder, Path.GetFileName(file))).LinkTarget is not null)
            {
                // Another process linked it first, to the same file.
            }
        }

        var bytes = File.ReadAllBytes(source);
        if (patch) Patch(bytes);
        var temporary = $"{cured}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, bytes);
        try
        {
            File.Move(temporary, cured);
        }
        catch (IOException) when (File.Exists(cured))
        {
            File.Delete(temporary);
        }

        return cured;
    }

    private static void Patch(byte[] bytes)
    {
        try
        {
            var found = ElfSymbolPatch.Apply(bytes, Symbol, Version);
            if (!found.VersionWeak) throw new NativeTorchException($"TITER404 {LibraryName} does not ask for {Version}: this is not the TorchSharp that Titer knows how to repair. Use TorchSharp 0.107.0, or a system with GCC 13's libstdc++.");
        }
        catch (BadImageFormatException e)
        {
            throw new NativeTorchException($"TITER404 {LibraryName} is not a library that Titer understands: {e.Message} Reinstall TorchSharp 0.107.0.", e);
        }
    }

    /// <summary>GLIBCXX versions that the C++ runtime of this process offers; empty when it cannot be found.</summary>
    private static string[] SystemVersions()
    {
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out _)) return [];
        var path = File.ReadLines("/proc/self/maps").Select(l => l[(l.LastIndexOf(' ') + 1)..]).FirstOrDefault(p => Path.GetFileName(p).StartsWith("libstdc++.so", StringComparison.Ordinal));
        if (path is null) return [];
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var versions = new HashSet<string>();
        for (var at = text.IndexOf("GLIBCXX_", StringComparison.Ordinal); at >= 0; at = text.IndexOf("GLIBCXX_", at + 8, StringComparison.Ordinal))
        {
            var end = text.IndexOf('\0', at);
            if (end > at && System.Version.TryParse(text[(at + 8)..end], out _)) versions.Add(text[at..end]);
        }

        return [.. versions];
    }

    /// <summary>The user's own cache: a shared temporary folder would let others plant a library.</summary>
    public static string CacheFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache)) return cache;
        // By HOME, else by the system's list of users.
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".cache")
            : throw new NativeTorchException("TITER406 There is no folder for caches: neither XDG_CACHE_HOME nor HOME is set, and the system knows no home of this user. Set XDG_CACHE_HOME to a folder that you can write to.");
    }

    private static string Real(string file) => new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file);
}
