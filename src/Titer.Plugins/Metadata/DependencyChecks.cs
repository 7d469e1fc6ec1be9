using System.Runtime.InteropServices;

namespace Titer.Plugins.Metadata;

/// <summary>Whether everything that a plugin's assemblies need is there, and is of this host: what would
/// end as a FileNotFoundException in a match.</summary>
internal static class DependencyChecks
{
    public static IEnumerable<PluginProblem> Of(string id, AssemblyFile main, IReadOnlyList<AssemblyFile> assemblies, string folder) =>
        assemblies.SelectMany(a => Kind(id, a)).Concat(Missing(id, main, assemblies, folder)).Concat(SharedTooNew(id, assemblies));

    private static IEnumerable<PluginProblem> Kind(string id, AssemblyFile file)
    {
        if (file.Has("System.Runtime.CompilerServices.ReferenceAssemblyAttribute"))
            yield return new(PluginProblemCode.ReferenceAssembly, $"The {file.FileName} of '{id}' is a reference assembly: it has no code.",
                "Copy the one from bin, or from the output of dotnet publish, not that of a ref folder.");
        if (file.Processor is { } processor && processor != RuntimeInformation.ProcessArchitecture)
            yield return new(PluginProblemCode.OtherProcessor,
                $"The {file.FileName} of '{id}' was built for {processor}; this host runs on {RuntimeInformation.ProcessArchitecture}.",
                "Build it as AnyCPU: remove PlatformTarget, and set RuntimeIdentifier to none or to this machine's.");
    }

    /// <summary>An assembly that the host happens to have for itself is not the plugin's: elsewhere it would be another, or none.</summary>
    private static IEnumerable<PluginProblem> Missing(string id, AssemblyFile main, IReadOnlyList<AssemblyFile> assemblies, string folder)
    {
        var deployed = Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension)
            .Concat(assemblies.Select(a => a.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        bool IsThere(ReferencedAssembly r) =>
            deployed.Contains(r.Name) || HostFacts.SharedAssemblies.Contains(r.Name, StringComparer.OrdinalIgnoreCase)
                || HostFacts.IsOfFramework(r.Name);
        foreach (var file in assemblies)
        {
            foreach (var lacking in file.References.Where(r => !IsThere(r)))
            {
                // A library may name what it uses only on other systems; a plugin names what it uses.
                yield return new(PluginProblemCode.DependencyMissing,
                    $"The {file.FileName} of '{id}' needs {lacking.Name} {lacking.Version}, which is not in the plugin's folder{Why(lacking.Name)}.",
                    "Build with dotnet publish, or set CopyLocalLockFileAssemblies to true, and remove ExcludeAssets=\"runtime\" from its "
                        + "reference.",
                    file == main ? ProblemSeverity.Error : ProblemSeverity.Advice);
            }
        }
    }

    private static string Why(string name) =>
        name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) || name.StartsWith("System.Windows.", StringComparison.Ordinal)
        ? ", and of a framework that the host does not run (it runs Microsoft.NETCore.App alone)" : "";

    /// <summary>TorchSharp and the SDK have rules and codes of their own.</summary>
    private static IEnumerable<PluginProblem> SharedTooNew(string id, IReadOnlyList<AssemblyFile> assemblies)
    {
        var (name, version) = HostFacts.Logging;
        foreach (var file in assemblies)
        {
            if (file.References.FirstOrDefault(r => r.Name == name && r.Version > version) is { } newer)
                yield return new(PluginProblemCode.SharedTooNew,
                    $"The {file.FileName} of '{id}' references {name} {newer.Version}; this host has {version}, and both share it.",
                    "Remove the reference (it comes with Titer.Sdk), or pin <PackageReference "
                        + $"Include=\"{name}\" Version=\"{version.ToString(3)}\" ExcludeAssets=\"runtime\" />.");
        }
    }
}
