namespace Titer.Files;

/// <summary>Where installed things lie, for one user. Naming the folder makes nothing: only an installation creates it.</summary>
public sealed class TiterHome
{
    public TiterHome(string path) => Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>One folder per installed plugin, named by its id.</summary>
    public string PluginsFolder => System.IO.Path.Combine(Path, "plugins");

    /// <summary>Scenarios that were built here, one folder each: a tournament names them like embedded ones.</summary>
    public string ScenariosFolder => System.IO.Path.Combine(Path, "scenarios");

    public string QuarantineFile => System.IO.Path.Combine(Path, "quarantine.json");

    /// <summary>The secret that results are sealed with; no worker sees it.</summary>
    public string ResultKeyFile => System.IO.Path.Combine(Path, "results.key");

    /// <summary>What judges said of answers, for later tournaments; it may be deleted.</summary>
    public string VerdictsFolder => System.IO.Path.Combine(Path, "verdicts");

    /// <summary>What was installed, from where and when.</summary>
    public string InstalledFile => System.IO.Path.Combine(Path, "installed.json");

    /// <summary>Where packages are unpacked: in the same file system as the plugins, so that a rename puts them in place.</summary>
    public string StagingFolder => System.IO.Path.Combine(Path, "staging");

    public string LockFile => System.IO.Path.Combine(Path, ".lock");

    /// <summary><c>$TITER_HOME</c>, else <c>$XDG_DATA_HOME/titer</c>, else <c>~/.local/share/titer</c>.</summary>
    public static TiterHome FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("TITER_HOME") is { Length: > 0 } home) return new TiterHome(home);
        // A relative path there is to be ignored, by the XDG specification.
        var data = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        if (!System.IO.Path.IsPathFullyQualified(data ?? ""))
            data = System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return new TiterHome(System.IO.Path.Combine(data!, "titer"));
    }
}
