using System.Security.Cryptography;
using System.Text;

namespace Titer.Models.Native;

/// <summary>
/// Copies of torch's native library that fit this system, in the user's own cache: one folder per library, libtorch and repair. A copy is there only
/// when its symbols were compared with that libtorch's, so the comparison is made once.
/// </summary>
internal static class NativeCache
{
    public const string Symbol = "_ZSt21ios_base_library_initv";
    public const string Version = "GLIBCXX_3.4.32";

    /// <summary>Set to 1, a libtorch that lacks some symbols is used all the same; a call to one of them ends the process.</summary>
    public const string IncompleteVariable = "TITER_LIBTORCH_INCOMPLETE";

    private const string MissingFile = "missing.txt";
    private const int NamedSymbols = 4;

    /// <summary>Parallel processes may race for it.</summary>
    /// <param name="library">TorchSharp's native library as it was shipped.</param>
    /// <param name="libtorch">The libtorch that it will meet; null for the one beside it, to which the copy's folder gets links.</param>
    /// <param name="patch">Whether the system lacks <see cref="Version"/>.</param>
    /// <exception cref="NativeTorchException">It does not fit, or cannot be written.</exception>
    public static string Copy(string library, LibtorchFolder? libtorch, bool patch, IReadOnlyDictionary<string, ElfImage> system)
    {
        try
        {
            return CopyOf(library, libtorch, patch, system);
        }
        catch (BadImageFormatException e)
        {
            throw new NativeTorchException(
                $"TITER404 This is not a library that Titer understands: {e.Message} Reinstall TorchSharp 0.107.0 or PyTorch.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NativeTorchException(
                $"TITER406 The repaired copy of {Path.GetFileName(library)} cannot be put into the cache: {e.Message} Set XDG_CACHE_HOME to a "
                    + "folder that you can write to.", e);
        }
    }

    /// <summary>Symbols, readable, that the libtorch of a copy lacks.</summary>
    public static IReadOnlyList<string> Missing(string copy) =>
        Path.Combine(Path.GetDirectoryName(copy)!, MissingFile) is var file && File.Exists(file) ? File.ReadAllLines(file) : [];

    /// <summary>The names by which TorchSharp asks for a chosen libtorch, to be loaded after it and before <paramref name="copy"/>.</summary>
    public static IEnumerable<string> Aliases(string copy, LibtorchFolder libtorch) =>
        libtorch.Backends.Select(name => Path.Combine(Path.GetDirectoryName(copy)!, ElfSoname.Short(name))).Where(File.Exists);

    private static string CopyOf(string library, LibtorchFolder? libtorch, bool patch, IReadOnlyDictionary<string, ElfImage> system)
    {
        var source = LoadedLibraries.Real(library);
        string[] libraries = libtorch is not null ? [.. libtorch.LoadOrder()]
            : [.. Directory.EnumerateFiles(Path.GetDirectoryName(library)!, "lib*.so*").Where(f => Path.GetFileName(f) != Path.GetFileName(library))
                .Order(StringComparer.Ordinal)];
        var isIncompleteAllowed = libtorch is not null && Environment.GetEnvironmentVariable(IncompleteVariable) == "1";
        var folder =
            Path.Combine(Root(), "titer", "native", Key([source, .. libraries.Select(LoadedLibraries.Real)], $"{patch}|{isIncompleteAllowed}"));
        var copy = Path.Combine(folder, Path.GetFileName(library));
        if (File.Exists(copy)) return copy;

        var bytes = File.ReadAllBytes(source);
        if (patch) Patch(bytes);
        var gap = Gap(bytes, libraries, system);
        if (gap.Versions.Count > 0 || (gap.Symbols.Count > 0 && !isIncompleteAllowed))
            throw new NativeTorchException(Refusal(gap, libtorch?.ToString() ?? $"the libtorch in {Path.GetDirectoryName(library)}"));
        Directory.CreateDirectory(folder);
        if (gap.Symbols.Count > 0)
        {
            ElfSymbolPatch.Weaken(bytes, gap.Symbols.ToHashSet(StringComparer.Ordinal));
            File.WriteAllLines(Path.Combine(folder, MissingFile), gap.Symbols.Select(LoadedLibraries.Readable));
        }

        // A chosen libtorch is loaded from where it lies, because it finds CUDA's libraries by its own place.
        if (libtorch is null)
        {
            Link(libraries, folder);
        }
        else
        {
            ElfSoname.TrySet(bytes, Path.GetFileName(library));
            WriteAliases(library, libtorch, folder);
        }

        // Last: whoever sees it sees the rest.
        Write(copy, bytes);
        return copy;
    }

    private static void WriteAliases(string library, LibtorchFolder libtorch, string folder)
    {
        // An empty library that only needs the others.
        var root = File.ReadAllBytes(Path.Combine(libtorch.Path, LibtorchFolder.Root));
        foreach (var name in libtorch.Backends)
        {
            var alias = root.ToArray();
            if (ElfSoname.TrySet(alias, name)) Write(Path.Combine(folder, ElfSoname.Short(name)), alias);
            else if (File.Exists(Path.Combine(Path.GetDirectoryName(library)!, name)))
                throw new NativeTorchException(
                    $"TITER404 {LibtorchFolder.Root} in {libtorch.Path} does not mention {name}, and another {name} lies beside {
                        library}, which TorchSharp would load as well. Remove that one, or unset {LibtorchFolder.Variable}.");
        }
    }

    private static void Write(string file, byte[] bytes)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, bytes);
        try
        {
            File.Move(temporary, file);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(temporary);
        }
    }

    private static string Key(string[] files, string choices) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('|',
        [.. files.Select(f => FormattableString.Invariant($"{f}|{new FileInfo(f).Length}|{File.GetLastWriteTimeUtc(f).Ticks}")), choices]))))[..16];

    private static void Patch(byte[] library)
    {
        if (!ElfSymbolPatch.Apply(library, Symbol, Version).VersionWeak)
            throw new NativeTorchException(
                $"TITER404 TorchSharp's library does not ask for {Version}: this is not the TorchSharp that Titer knows how to repair. Use "
                    + "TorchSharp 0.107.0, or a system with GCC 13's libstdc++.");
    }

    private static SymbolGap Gap(byte[] library, string[] libraries, IReadOnlyDictionary<string, ElfImage> system)
    {
        var torch = libraries.Where(LibtorchFolder.IsTorchs).DistinctBy(f => Path.GetFileName(f))
            .ToDictionary(f => Path.GetFileName(f), ElfImage.Read);
        var gap = SymbolCheck.Of(ElfImage.Read(library), torch.Concat(system.Where(s => !torch.ContainsKey(s.Key))).ToDictionary());
        return gap with { Versions =
            [.. gap.Versions.Concat(torch.Values.SelectMany(t => SymbolCheck.MissingVersions(t, system))).Distinct(StringComparer.Ordinal)] };
    }

    private static string Refusal(SymbolGap gap, string libtorch)
    {
        var facts = new List<string>();
        if (gap.Symbols.Count > 0)
        {
            var more = gap.Symbols.Count > NamedSymbols ? $" and {gap.Symbols.Count - NamedSymbols} more" : "";
            facts.Add($"It lacks {gap.Symbols.Count} symbol(s) that TorchSharp 0.107.0, made for libtorch 2.10, "
                + $"calls: {string.Join("; ", gap.Symbols.Take(NamedSymbols).Select(LoadedLibraries.Readable))}{more}.");
        }

        if (gap.Versions.Count > 0) facts.Add($"This system lacks {string.Join(", ", gap.Versions)}.");
        var fix = gap.Symbols.Count > 0
            ? "Use PyTorch 2.10 (a virtual environment of its own will do), "
                + $"unset {LibtorchFolder.Variable}, or set {IncompleteVariable}=1 to go on without them: a call to one then ends the process."
            : "Install a newer libstdc++ (module load gcc, or conda) and put it on LD_LIBRARY_PATH, or use a newer system.";
        return $"TITER409 TorchSharp does not fit {libtorch}, so nothing of it was loaded. {string.Join(' ', facts)} {fix}";
    }

    private static void Link(string[] libraries, string folder)
    {
        foreach (var file in libraries)
        {
            try
            {
                File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), LoadedLibraries.Real(file));
            }
            catch (IOException) when (new FileInfo(Path.Combine(folder, Path.GetFileName(file))).LinkTarget is not null)
            {
                // Another process linked it first, to the same file.
            }
        }
    }

    /// <summary>The user's own: a shared temporary folder would let others plant a library.</summary>
    public static string Root()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache)) return cache;
        // By HOME, else by the system's list of users.
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length > 0 ? Path.Combine(home, ".cache")
            : throw new NativeTorchException(
                "TITER406 There is no folder for caches: neither XDG_CACHE_HOME nor HOME is set, and the system knows no home of this user. Set "
                    + "XDG_CACHE_HOME to a folder that you can write to.");
    }
}
