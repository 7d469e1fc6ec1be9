namespace Titer.Plugins;

/// <summary>A plugin that the gate accepted, and where it lies.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="AssemblyPath">Full path of the plugin's own dll in it.</param>
public sealed record InstalledPlugin(PluginManifest Manifest, string Folder, string AssemblyPath)
{
    /// <summary>Why the operator's policy accepts it, for people; null without a policy.</summary>
    public string? Standing { get; init; }
}

/// <summary>What the gate found out about one folder.</summary>
/// <param name="Path">Full path of what was inspected.</param>
/// <param name="Name">The declared id; the folder's name when it could not be read.</param>
/// <param name="Plugin">Null when refused.</param>
/// <param name="Problems">Errors, when refused, and advice; errors first.</param>
public sealed record PluginVerdict(string Path, string Name, InstalledPlugin? Plugin, IReadOnlyList<PluginProblem> Problems)
{
    public bool IsAccepted => Plugin is not null;

    public IEnumerable<PluginProblem> Errors => Problems.Where(p => p.Severity == ProblemSeverity.Error);

    public IEnumerable<PluginProblem> Advice => Problems.Where(p => p.Severity == ProblemSeverity.Advice);
}
