namespace Titer.Plugins;

/// <summary>A folder where plugins lie, and whose it is.</summary>
/// <param name="Folder">Of plugins, or of one.</param>
public sealed record PluginSource(string Folder, PluginOrigin Origin);

/// <summary>Where a plugin came from; of two with the same id the later of these plays.</summary>
public enum PluginOrigin
{
    /// <summary>Nobody said.</summary>
    Unknown,

    /// <summary>By <c>titer plugin install</c>.</summary>
    Installed,

    /// <summary>Named by the tournament file.</summary>
    TournamentFile,

    /// <summary>Named by --plugins: what somebody works on.</summary>
    CommandLine,

    /// <summary>Beside the program: no stranger's plugin takes its name.</summary>
    Bundled,
}
