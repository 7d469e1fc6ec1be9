using Titer.Files;
using Titer.Plugins.Metadata;
using Titer.Plugins.Packaging;
using Titer.Plugins.Trust;
using Titer.Sdk;

namespace Titer.Plugins;

/// <summary>
/// Decides by metadata alone whether a plugin can be played here, so that a refusal comes before any of its code runs. Never throws for what
/// is in a plugin's folder. Thread-safe.
/// </summary>
/// <param name="policy">Whose plugins are accepted; null accepts everybody's.</param>
public sealed class PluginGate(HostFacts host, PluginPolicy? policy = null)
{
    public PluginGate()
        : this(HostFacts.Read())
    {
    }

    /// <summary>On this host, under a policy.</summary>
    public PluginGate(PluginPolicy? policy)
        : this(HostFacts.Read(), policy)
    {
    }

    /// <summary>Of one text of a plugin's metadata.</summary>
    private const int MostTextCharacters = 2000;

    public HostFacts Host => host;

    /// <summary>Null accepts everybody's.</summary>
    public PluginPolicy? Policy => policy;

    /// <summary>Inspects a plugin's folder, or the folder of a plugin's dll.</summary>
    public PluginVerdict Inspect(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var isFile = File.Exists(path);
        if (!isFile && !Directory.Exists(path))
            return Refuse(path, null,
                [new(PluginProblemCode.FolderMissing, $"There is no folder '{path}'.", "Correct the path, or build the plugin first.")]);
        try
        {
            var folder = isFile ? Path.GetDirectoryName(path)! : path;
            // Before anything of it is opened: a pipe would be waited for.
            _ = PlainFolder.Files(folder, PackageLimits.Folder);
            using var files = PluginFiles.Open(folder, isFile ? path : null);
            var (main, problem) = files.Main();
            return main is null ? Refuse(path, null, [problem!]) : Inspect(path, folder, files, main);
        }
        catch (PlainFolderException e)
        {
            return Refuse(path, null, [new(PluginProblemCode.FolderNotPlain,
                $"The folder of '{Path.GetFileName(path)}' {e.Fact}; a plugin's folder holds regular files and folders only.", e.Fix)]);
        }
        catch (Exception e)
        {
            // Hostile metadata can fail anywhere in the reader; the host must outlive every file.
            return Refuse(path, null,
                [new(PluginProblemCode.Unreadable, $"'{path}' cannot be read: {e.Message}", "Rebuild the plugin, and copy it again.")]);
        }
    }

    private PluginVerdict Inspect(string path, string folder, PluginFiles files, AssemblyFile main)
    {
        var (id, apiLevel, named) = PluginDeclaration.Read(main);
        var problems = new List<PluginProblem>();
        problems.AddRange(PluginChecks.Identity(id, apiLevel));
        problems.AddRange(PluginChecks.Versions(id, main, host));
        problems.AddRange(PluginChecks.Copies(id, folder));
        problems.AddRange(DependencyChecks.Of(id, main, files.Assemblies, folder));
        // Against another major everything differs: one sentence says it better than a list of members.
        var comparable = problems.All(p => p.Code != PluginProblemCode.SdkVersionMismatch);
        if (comparable) problems.AddRange(files.Assemblies.SelectMany(f => PluginChecks.Members(id, f, host)).DistinctBy(p => p.Fact));
        var (entry, entryProblems) = new EntryTypeReader(main, files.Assemblies, host, id).Read();
        problems.AddRange(comparable ? entryProblems : entryProblems.Where(p => p.Code != PluginProblemCode.InterfaceIncomplete));
        problems.AddRange(files.Assemblies.SelectMany(RiskyCalls.In));
        var (fidelity, fidelityProblem) = FidelityFile.Read(id, folder);
        if (fidelityProblem is not null) problems.Add(fidelityProblem);
        if (entry is null || problems.Any(p => p.Severity == ProblemSeverity.Error)) return Refuse(path, id, problems);

        var manifest = new PluginManifest
        {
            Id = id,
            Kind = entry.Kind,
            EntryType = entry.Name,
            ApiLevel = apiLevel,
            Summary = named.GetValueOrDefault(nameof(TiterPluginAttribute.Summary)) as string is { } summary
                ? VisibleText.OnOneLine(summary, MostTextCharacters) : "",
            Paper = named.GetValueOrDefault(nameof(TiterPluginAttribute.Paper)) as string is { } paper
                ? VisibleText.OnOneLine(paper, MostTextCharacters) : "",
            TrainsOn = named.GetValueOrDefault(nameof(TiterPluginAttribute.TrainsOn)) is int trainsOn ? (TrainingData)trainsOn
                : TrainingData.Harmful,
            EntersByDefault = named.GetValueOrDefault(nameof(TiterPluginAttribute.EntersByDefault)) is not false,
            NeedsParent = named.GetValueOrDefault(nameof(TiterPluginAttribute.NeedsParent)) is true,
            AssemblyName = main.Name,
            Version = VisibleText.OnOneLine(
                main.AssemblyAttributeText("System.Reflection.AssemblyInformationalVersionAttribute") ?? main.Version.ToString(),
                MostTextCharacters),
            TargetFramework =
                VisibleText.OnOneLine(main.AssemblyAttributeText("System.Runtime.Versioning.TargetFrameworkAttribute") ?? "", MostTextCharacters),
            References = main.References,
            OptionsType = entry.OptionsType,
            Options = entry.Options,
            Fidelity = fidelity,
            ContentHash = ContentHash.OfFolder(folder, limits: PackageLimits.Folder),
        };
        var plugin = new InstalledPlugin(manifest, folder, main.Path);
        if (policy is null) return new PluginVerdict(path, id, plugin, problems);
        var (standing, problem) = policy.Judge(plugin);
        return problem is null ? new PluginVerdict(path, id, plugin with { Standing = standing }, problems)
            : Refuse(path, id, [problem, .. problems]);
    }

    private static PluginVerdict Refuse(string path, string? id, IReadOnlyList<PluginProblem> problems) => 
        new(path, VisibleText.OnOneLine(string.IsNullOrEmpty(id) ? Path.GetFileName(path) : id, MostTextCharacters), null,
            [.. problems.OrderByDescending(p => p.Severity)]);
}
