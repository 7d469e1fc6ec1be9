using System.Runtime.InteropServices;
using Titer.Files.Codes;
using TorchSharp;

namespace Titer.Models.Native;

/// <summary>How torch's native library was loaded; for diagnosis.</summary>
/// <param name="Library">The file that was loaded.</param>
/// <param name="Cured">True when it is the repaired copy.</param>
/// <param name="StandardLibrary">Newest GLIBCXX version that the system's libstdc++ offers, or "unknown".</param>
/// <param name="Libtorch">The libtorch that <see cref="LibtorchFolder.Variable"/> chose; null for the one that came with the program.</param>
public sealed record NativeTorchState(string Library, bool Cured, string StandardLibrary, LibtorchFolder? Libtorch = null)
{
    /// <summary>What TorchSharp would call and the chosen libtorch does not have; a call ends the process.</summary>
    public IReadOnlyList<string> Missing => Libtorch is null ? [] : NativeCache.Missing(Library);

    /// <summary>For example <c>2.10.0</c>.</summary>
    public string LibtorchVersion => Libtorch is null ? torch.__version__ : Libtorch.TorchVersion ?? "unknown";
}

/// <summary>Torch's native library cannot be loaded on this system; the message says why and what helps.</summary>
public sealed class NativeTorchException(string message, Exception? inner = null) : Exception(message, inner), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}

/// <summary>
/// Loads torch's native library, before the first use of <c>torch</c>. TorchSharp 0.107 names one symbol of GCC 13's C++ runtime that nothing
/// calls (<c>std::ios_base_library_init</c>, GLIBCXX_3.4.32); systems with an older runtime (Debian 12, Ubuntu 22.04) refuse it. There, a copy with
/// that symbol made optional is put into a cache folder beside links to the very same libtorch, and loaded first. A libtorch that
/// <see cref="LibtorchFolder.Variable"/> chooses is loaded from its own folder before it, library by library. Thread-safe.
/// </summary>
public static class NativeTorch
{
    /// <inheritdoc cref="NativeCache.IncompleteVariable"/>
    public const string IncompleteVariable = NativeCache.IncompleteVariable;

    /// <summary>The newest version that is really called: without it nothing here helps.</summary>
    private const string NeededVersion = "GLIBCXX_3.4.30";

    private const string LibraryName = "libLibTorchSharp.so";
    private static readonly string[] OncePerProcess = ["libtorch_cpu.so", "libc10.so"];
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
    /// The folders and files that a process whose program lies in <paramref name="folder"/> will load
    /// torch from: TorchSharp's own library, repaired in
    /// the cache where the system needs it, and the chosen libtorch. Loads no torch: a host prepares for workers that
    /// cannot write to the cache themselves. Empty when there is none.
    /// </summary>
    /// <exception cref="NativeTorchException">It cannot be repaired, or does not fit the chosen libtorch.</exception>
    public static IReadOnlyList<string> Prepare(string folder)
    {
        if (!OperatingSystem.IsLinux() || FindIn([folder, Path.Combine(folder, "runtimes", "linux-x64", "native")]) is not { } library) return [];
        var libtorch = LibtorchFolder.Chosen();
        return [Path.GetDirectoryName(Usable(library, libtorch, LoadedLibraries.System()).Library)!, .. libtorch?.Inputs ?? []];
    }

    /// <summary>Two copies of libtorch in one process abort it, so this is asked before loading.</summary>
    /// <param name="folder">Where the libtorch to load lies.</param>
    /// <exception cref="NativeTorchException">Another one is loaded.</exception>
    internal static void RefuseSecondCopy(string folder)
    {
        foreach (var file in LoadedLibraries.Named(OncePerProcess.Contains))
        {
            if (file != LoadedLibraries.Real(Path.Combine(folder, Path.GetFileName(file))))
                throw new NativeTorchException(
                    $"TITER400 This process has loaded {file} already, and a second libtorch, from {folder}, would abort it. Call "
                        + $"NativeTorch.EnsureLoaded before the first use of torch, or unset {LibtorchFolder.Variable}.");
        }
    }

    private static NativeTorchState Load()
    {
        var searched =
            (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var library = FindIn([AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"), .. searched])
            ?? throw new NativeTorchException(
                $"TITER401 {LibraryName} is not in {AppContext.BaseDirectory}. Reference TorchSharp and libtorch-cpu-linux-x64, or reinstall.");
        var (libtorch, system) = (LibtorchFolder.Chosen(), LoadedLibraries.System());
        var (loaded, cured) = Usable(library, libtorch, system);
        RefuseSecondCopy(libtorch?.Path ?? Path.GetDirectoryName(library)!);
        var versions = LoadedLibraries.StandardLibraryVersions(system);
        try
        {
            if (libtorch is not null)
            {
                libtorch.Load();
                foreach (var file in NativeCache.Aliases(loaded, libtorch)) NativeLibrary.Load(file);
            }

            NativeLibrary.Load(loaded);
        }
        catch (DllNotFoundException e)
        {
            var fix = versions.Length > 0 && !versions.Contains(NeededVersion)
                ? $"This system's libstdc++ ends before {NeededVersion}, which torch calls: install a newer libstdc++ (module load gcc, or "
                    + "conda) and put it on LD_LIBRARY_PATH."
                : libtorch is null
                    ? "Check that libtorch lies beside it and is the version that TorchSharp was built for, or "
                        + $"set {LibtorchFolder.Variable} to 'auto' or the lib folder of a PyTorch installation."
                : $"Check that {libtorch.Path} is whole (pip check).";
            throw new NativeTorchException($"TITER403 {loaded} does not load: {e.Message.Trim()} {fix}", e);
        }

        return new NativeTorchState(loaded, cured, versions.Length > 0 ? versions.MaxBy(v => Version.Parse(v["GLIBCXX_".Length..]))! : "unknown",
            libtorch);
    }

    private static (string Library, bool Cured) Usable(string library, LibtorchFolder? libtorch, Dictionary<string, ElfImage> system)
    {
        var versions = LoadedLibraries.StandardLibraryVersions(system);
        string[] places = [Path.GetDirectoryName(library)!, .. (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':')];
        if (libtorch is null && !places.Any(folder => File.Exists(Path.Combine(folder, LibtorchFolder.Root))))
            throw new NativeTorchException(
                $"TITER401 No libtorch lies beside {library}. Set {LibtorchFolder.Variable} to 'auto' or the lib folder of a PyTorch "
                    + "installation, or reference libtorch-cpu-linux-x64.");
        var needsCure = versions.Length > 0 && !versions.Contains(NativeCache.Version);
        return (needsCure || libtorch is not null ? NativeCache.Copy(library, libtorch, needsCure, system) : library, needsCure);
    }

    private static string? FindIn(IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, LibraryName)).FirstOrDefault(File.Exists);

    /// <summary>Where copies of torch's library lie (<c>XDG_CACHE_HOME</c>), for a worker that has no home to find it by.</summary>
    public static string CacheFolder() => NativeCache.Root();
}
