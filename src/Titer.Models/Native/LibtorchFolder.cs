using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Titer.Models.Native;

/// <summary>A folder of libtorch that is not the one beside the program: that of a PyTorch installation, or an unpacked archive.</summary>
public sealed partial class LibtorchFolder
{
    /// <summary>The variable that names it.</summary>
    public const string Variable = "TITER_LIBTORCH";

    /// <summary>In place of a folder: the first PyTorch that is found where pip and conda put packages.</summary>
    public const string Auto = "auto";

    internal const string Root = "libtorch.so";
    private const string Cpu = "libtorch_cpu.so";
    private const string Cuda = "libtorch_cuda.so";

    private LibtorchFolder(string path)
    {
        Path = path;
        // .../site-packages/torch/lib, beside .../site-packages/nvidia; an archive has a file build-version in place of version.py.
        var torch = System.IO.Path.GetDirectoryName(path)!;
        var (python, archive) = (System.IO.Path.Combine(torch, "version.py"), System.IO.Path.Combine(torch, "build-version"));
        VersionFile = File.Exists(python) ? python : File.Exists(archive) ? archive : null;
        var text = File.Exists(python) ? File.ReadAllText(python) : "";
        TorchVersion = VersionLine().Match(text) is { Success: true } version
            ? version.Groups[1].Value
            : File.Exists(archive) ? File.ReadAllText(archive).Trim()
            : InPackage().Match(path) is { Success: true } package ? package.Groups[1].Value : null;
        CudaVersion = CudaLine().Match(text) is { Success: true } cuda ? cuda.Groups[1].Value : null;
        var nvidia = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(torch) ?? torch, "nvidia");
        // One folder a library (nvidia/cublas/lib), and since CUDA 13 one for most of them (nvidia/cu13/lib).
        Companions = Directory.Exists(nvidia)
            ? [.. Directory.GetDirectories(nvidia).Order(StringComparer.Ordinal).Select(f => System.IO.Path.Combine(f, "lib"))
                .Where(Directory.Exists)]
            : [];
        CudaFolder = Companions.Count > 0 ? nvidia : null;
    }

    /// <summary>The folder of libtorch.so.</summary>
    public string Path { get; }

    /// <summary>For example <c>2.11.0+cu130</c>; null when nothing there says it.</summary>
    public string? TorchVersion { get; }

    /// <summary>For example <c>13.0</c>; null when it is a build for the CPU or nothing says it.</summary>
    public string? CudaVersion { get; }

    /// <summary>Folders of CUDA's libraries, as pip's wheels lay them beside torch.</summary>
    public IReadOnlyList<string> Companions { get; }

    public bool HasCuda => File.Exists(System.IO.Path.Combine(Path, Cuda));

    /// <summary>
    /// What a process must read to use it, beside its program. It looks for <see cref="Companions"/> itself, so their folder whole.
    /// </summary>
    public IReadOnlyList<string> Inputs => [.. ((string?[])[Path, CudaFolder, VersionFile]).OfType<string>()];

    private string? VersionFile { get; }

    private string? CudaFolder { get; }

    /// <summary>Libraries that compute.</summary>
    internal IReadOnlyList<string> Backends => HasCuda ? [Cpu, Cuda] : [Cpu];

    /// <summary>What <see cref="Variable"/> names; null when it is not set.</summary>
    /// <exception cref="NativeTorchException">It names no libtorch, or there is none to find.</exception>
    public static LibtorchFolder? Chosen() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name
            ? Named(name, new PythonFolders(Environment.GetEnvironmentVariable))
            : null;

    /// <inheritdoc/>
    public override string ToString() =>
        $"libtorch {TorchVersion ?? "of unknown version"}{
            (CudaVersion is { } cuda ? $", CUDA {cuda}" : HasCuda ? ", with CUDA" : ", without CUDA")}, in {Path}";

    internal static LibtorchFolder Named(string name, PythonFolders python)
    {
        if (name != Auto)
        {
            // The folder itself, a package folder 'torch', or one that holds it.
            string[] places = [name, System.IO.Path.Combine(name, "lib"), System.IO.Path.Combine(name, "torch", "lib")];
            return Array.Find(places, IsLibtorch) is { } place ? new LibtorchFolder(System.IO.Path.GetFullPath(place))
                : throw new NativeTorchException(
                    $"TITER402 {Variable} is '{name}', which has no {Root}. Name the 'lib' folder of a PyTorch installation, or 'auto'.");
        }

        var searched = python.SitePackages().ToArray();
        return searched.Select(folder => System.IO.Path.Combine(folder, "torch", "lib")).FirstOrDefault(IsLibtorch) is { } found
            ? new LibtorchFolder(System.IO.Path.GetFullPath(found))
            : throw new NativeTorchException(
                $"TITER408 {Variable} is 'auto', and none of {searched.Length} package folders has "
                    + $"torch/lib/{Root}: {string.Join(", ", searched)}. Install PyTorch with pip, activate its environment, or name its "
                    + "'torch/lib' folder.");
    }

    /// <summary>
    /// The libraries of this folder and of <see cref="Companions"/> that libtorch needs, by full path, each after those that it needs. A library
    /// loaded by its own path finds what lies beside it (<c>$ORIGIN</c>) and is found by its name by all that are loaded later.
    /// </summary>
    /// <exception cref="BadImageFormatException">One is no library.</exception>
    internal IReadOnlyList<string> LoadOrder()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in ((string[])[Path, .. Companions]).SelectMany(
            f => Directory.EnumerateFiles(f, "lib*.so*").Order(StringComparer.Ordinal))) files.TryAdd(System.IO.Path.GetFileName(file), file);
        var (order, seen) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        void Visit(string soname)
        {
            // What is not here is the system's, or the loader will say that it is missing.
            if (!files.TryGetValue(soname, out var file) || !seen.Add(soname)) return;
            foreach (var needed in ElfImage.Read(file).Needed)
            {
                // Distributions keep the libraries elsewhere and put links here.
                var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(LoadedLibraries.Real(file))!, needed);
                if (IsTorchs(needed) && File.Exists(beside)) files.TryAdd(needed, beside);
                Visit(needed);
            }

            order.Add(file);
        }

        Visit(Root);
        Visit(Cuda);
        return order;
    }

    /// <summary>
    /// Loads <see cref="LoadOrder"/>. PyTorch 2.11's libtorch_nvshmem.so reads a symbol of a library that it does not name as needed: alone it does
    /// not load, as a part of libtorch_cuda.so it does. So what does not load is left to those that need it, and only these must.
    /// </summary>
    /// <exception cref="DllNotFoundException">The first that did not load, where what needs it does not either.</exception>
    internal void Load()
    {
        var roots = Backends.Append(Root).ToHashSet(StringComparer.Ordinal);
        DllNotFoundException? first = null;
        foreach (var file in LoadOrder())
        {
            try
            {
                NativeLibrary.Load(file);
            }
            catch (DllNotFoundException e)
            {
                first ??= e;
                if (roots.Contains(System.IO.Path.GetFileName(file))) throw first;
            }
        }
    }

    /// <summary>Whether a library is a part of libtorch, by its name.</summary>
    internal static bool IsTorchs(string file) =>
        System.IO.Path.GetFileName(file) is var name
            && (name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal));

    private static bool IsLibtorch(string folder) => File.Exists(System.IO.Path.Combine(folder, Root));

    [GeneratedRegex(@"^__version__[^=\r\n]*=\s*['""]([^'""]+)['""]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();

    /// <summary>The NuGet package in a cache.</summary>
    [GeneratedRegex("/libtorch-[a-z0-9.-]+/([0-9][0-9.]*)/runtimes/[a-z0-9-]+/native$", RegexOptions.CultureInvariant)]
    private static partial Regex InPackage();

    [GeneratedRegex(@"^cuda[^=\r\n]*=\s*['""]([^'""]+)['""]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex CudaLine();
}
