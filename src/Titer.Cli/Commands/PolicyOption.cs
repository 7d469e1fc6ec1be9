using System.CommandLine;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Trust;
using Titer.Runtime.Configuration;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary><c>--policy FILE</c>: whose plugins are accepted. Without it the one in the home folder, where there is one.</summary>
internal sealed class PolicyOption : Option<string?>
{
    public PolicyOption()
        : base("--policy") =>
            Description = $"File that says whose plugins are accepted; default {PluginPolicy.FileName} in the home folder, if there.";

    /// <summary>Null accepts everybody's.</summary>
    /// <exception cref="Titer.Scenarios.Yaml.YamlProblemException">The file cannot be used.</exception>
    public PluginPolicy? Of(ParseResult parsed) => Read(parsed.GetValue(this));

    /// <summary>The home folder's, for verbs that have no such option.</summary>
    public static PluginPolicy? OfHome() => Read(null);

    /// <summary>How a run remembers it.</summary>
    public static PolicyNote? NoteOf(PluginPolicy? policy) => policy is null ? null : new PolicyNote(policy.Sha256, policy.Text);

    private static PluginPolicy? Read(string? named)
    {
        var file = named ?? Path.Combine(TiterHome.FromEnvironment().Path, PluginPolicy.FileName);
        if (named is null && !File.Exists(file)) return null;
        // What came with the host is known by its files, not by where it lies.
        var own = PluginCatalog.Scan([TournamentOptions.BundledPlugins]).HashesIn(TournamentOptions.BundledPlugins);
        return PolicyReader.Read(file, own);
    }
}
