namespace Titer.Models.Native;

/// <summary>
/// Where pip and conda put packages, by the known layouts alone: no Python is started, which would cost a second and might not be the one that holds
/// torch. First what the environment names (PYTHONPATH, an active virtual or conda environment), then the interpreters on PATH, then the user's and
/// the system's folders, then pyenv's and conda's usual places.
/// </summary>
/// <param name="environment">A variable's value; null when it is not set.</param>
/// <param name="root">The root of the file system.</param>
internal sealed class PythonFolders(Func<string, string?> environment, string root = "/")
{
    private static readonly string[] Libraries = ["lib", "lib64"];
    private static readonly string[] PackageFolders = ["site-packages", "dist-packages"];
    private static readonly string[] CondaFolders = ["miniconda3", "anaconda3", "miniforge3", "mambaforge"];

    private string Home => environment("HOME") is { Length: > 0 } home ? home : Path.Combine(root, "root");

    private string PyenvRoot => environment("PYENV_ROOT") is { Length: > 0 } folder ? folder : Path.Combine(Home, ".pyenv");

    /// <summary>Folders of packages that exist, likeliest first, each once.</summary>
    public IEnumerable<string> SitePackages()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Listed("PYTHONPATH").Concat(Prefixes().SelectMany(Of)).Where(Directory.Exists).Where(folder => seen.Add(Real(folder)));
    }

    private IEnumerable<string> Prefixes()
    {
        foreach (var name in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (environment(name) is { Length: > 0 } prefix) yield return prefix;
        }

        // Debian's own interpreter looks at the user's and the administrator's packages before the system's.
        string[] system = [Path.Combine(Home, ".local"), Path.Combine(root, "usr", "local"), Path.Combine(root, "usr")];
        foreach (var prefix in Listed("PATH").SelectMany(OfPath).Where(p => p != system[2])) yield return prefix;
        foreach (var prefix in system) yield return prefix;
        foreach (var prefix in Pyenv()) yield return prefix;
        foreach (var name in CondaFolders) yield return Path.Combine(Home, name);
        foreach (var name in (string[])["conda", .. CondaFolders, "venv"]) yield return Path.Combine(root, "opt", name);
    }

    private IEnumerable<string> Listed(string variable) =>
        (environment(variable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted);

    /// <summary>The environment of an interpreter in a folder of PATH, and the one that a link leads to.</summary>
    private IEnumerable<string> OfPath(string folder)
    {
        folder = folder.TrimEnd('/');
        if (folder == Path.Combine(PyenvRoot, "shims"))
        {
            foreach (var version in Pyenv()) yield return version;
            yield break;
        }

        var interpreter = Path.Combine(folder, "python3");
        if (!File.Exists(interpreter)) yield break;
        if (Path.GetDirectoryName(folder) is { } prefix) yield return prefix;
        if (Path.GetDirectoryName(Path.GetDirectoryName(Real(interpreter))) is { } target) yield return target;
    }

    /// <summary>The versions that pyenv would take, then the others, newest first.</summary>
    private IEnumerable<string> Pyenv()
    {
        var versions = Path.Combine(PyenvRoot, "versions");
        if (!Directory.Exists(versions)) return [];
        var global = Path.Combine(PyenvRoot, "version");
        var chosen = environment("PYENV_VERSION") is { Length: > 0 } named ? named.Split(':') : File.Exists(global) ? File.ReadAllLines(global) : [];
        return chosen.Select(v => Path.Combine(versions, v.Trim())).Where(Directory.Exists).Concat(NewestFirst(Directory.GetDirectories(versions)));
    }

    private static IEnumerable<string> Of(string prefix) =>
        Libraries.Select(l => Path.Combine(prefix, l)).Where(Directory.Exists)
            .SelectMany(l => NewestFirst(Directory.GetDirectories(l, "python3*")))
            .SelectMany(p => PackageFolders.Select(name => Path.Combine(p, name)));

    /// <summary>3.12 is newer than 3.9.</summary>
    private static IEnumerable<string> NewestFirst(IEnumerable<string> folders) =>
        folders.OrderByDescending(f => Version.TryParse(Path.GetFileName(f).Replace("python", "", StringComparison.Ordinal), out var version)
            ? version
            : new Version(0, 0)).ThenBy(f => f, StringComparer.Ordinal);

    private static string Real(string path)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? info.FullName;
    }
}
