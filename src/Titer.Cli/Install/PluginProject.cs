using System.Security;
using System.Text.RegularExpressions;
using Titer.Runtime.Configuration;

namespace Titer.Cli.Install;

/// <summary>A new plugin's solution, from the template of its kind: the plugin, its tests, a tournament, and where the SDK's packages are.</summary>
/// <param name="name">A namespace, as <c>My.Defense</c>: the project's, the folder's and the assembly's name.</param>
internal sealed partial class PluginProject(string kind, string name)
{
    private const int MostNameCharacters = 100;
    private const string TemplateVersion = "0.2.0";

    /// <summary>The plugin's id: <c>my_defense</c> of <c>My.Defense</c>, as <c>dotnet new</c> makes it.</summary>
    public string Id { get; } = Separator().Replace(WordStart().Replace(name, "_").ToLowerInvariant(), "_");

    /// <summary>What must be so before anything is written.</summary>
    /// <exception cref="ConfigurationException">The name is no namespace.</exception>
    public void Check()
    {
        if (name.Length > MostNameCharacters || !Namespace().IsMatch(name))
            throw new ConfigurationException(
                $"TITER658 '{name}' is not a name for a project: it becomes a namespace. Use letters, digits and '_', parts with dots between "
                    + "them, as My.Defense.");
    }

    /// <param name="parent">The solution's folder is made in it.</param>
    /// <param name="feed">Where the SDK's packages are, as a configuration of NuGet names it.</param>
    /// <param name="packageVersion">Theirs.</param>
    /// <returns>The solution's folder.</returns>
    /// <exception cref="ConfigurationException">There is something of that name already.</exception>
    public string Write(string parent, string feed, string packageVersion)
    {
        Check();
        var folder = Path.GetFullPath(Path.Combine(parent, name));
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new ConfigurationException($"TITER659 {folder} is there already. Take another name, or another folder with --out.");
        var template = Path.Combine(Carried.Templates, $"titer-{kind}");
        var (project, id) = ($"My{char.ToUpperInvariant(kind[0])}{kind[1..]}", $"my_{kind}");
        string Named(string text) => text.Replace(project, name, StringComparison.Ordinal).Replace(id, Id, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(template, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Named(Path.GetRelativePath(template, file)));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, Named(File.ReadAllText(file))
                .Replace($">{TemplateVersion}</TiterVersion>", $">{packageVersion}</TiterVersion>", StringComparison.Ordinal));
        }

        // What the tournament's first line names: an editor completes its keys.
        File.WriteAllText(Path.Combine(folder, "tournament.schema.json"), TournamentKeys.Schema.Json().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <!-- Beside the sources that this machine has: the SDK's packages, where titer keeps them ('titer doctor' puts them there). -->
              <packageSources>
                <add key="titer" value="{SecurityElement.Escape(feed)}" />
              </packageSources>
            </configuration>

            """);
        return folder;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*(?:[.][A-Za-z_][A-Za-z0-9_]*)*$")]
    private static partial Regex Namespace();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex("[^a-z0-9_]+_?")]
    private static partial Regex Separator();
}
