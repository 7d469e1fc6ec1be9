using System.Runtime.Versioning;
using Titer.Sdk.Naming;

namespace Titer.Plugins.Metadata;

/// <summary>The gate's rules, each a list of what is wrong.</summary>
internal static class PluginChecks
{
    private const string SdkReference =
        "<PackageReference Include=\"Titer.Sdk\" ExcludeAssets=\"runtime;native\" /> (a project reference also needs Private=\"false\"), and do "
            + "not build with -o";

    public static IEnumerable<PluginProblem> Identity(string id, int apiLevel)
    {
        if (!SnakeCase.IsValid(id))
            yield return new(PluginProblemCode.BadId, $"The id '{id}' is not snake_case.",
                $"Use lower-case letters, digits and single underscores, for example '{Suggestion(id)}'.");
        var range = HostFacts.OldestApiLevel == HostFacts.NewestApiLevel
            ? $"{HostFacts.NewestApiLevel}"
            : $"{HostFacts.OldestApiLevel}-{HostFacts.NewestApiLevel}";
        if (apiLevel > HostFacts.NewestApiLevel)
            yield return new(PluginProblemCode.ApiTooNew, $"'{id}' was built for SDK API {apiLevel}; this host speaks {range}.",
                $"Rebuild against the SDK of API {HostFacts.NewestApiLevel}, or update the host.");
        if (apiLevel < HostFacts.OldestApiLevel)
            yield return new(PluginProblemCode.ApiTooOld, $"'{id}' was built for SDK API {apiLevel}; this host speaks {range}.",
                $"Rebuild against the SDK of API {HostFacts.NewestApiLevel}, and declare SdkApi.Level in the TiterPlugin attribute.");
    }

    public static IEnumerable<PluginProblem> Versions(string id, AssemblyFile main, HostFacts host)
    {
        var sdk = main.References.FirstOrDefault(r => r.Name == "Titer.Sdk")?.Version;
        if (sdk is not null && (sdk.Major != host.SdkVersion.Major || sdk > host.SdkVersion))
            yield return new(PluginProblemCode.SdkVersionMismatch, $"'{id}' references Titer.Sdk {sdk}; this host has {host.SdkVersion}.",
                $"Rebuild against Titer.Sdk {host.SdkVersion.Major}.x, or update the host.");
        var torch = main.References.FirstOrDefault(r => r.Name == "TorchSharp")?.Version;
        if (torch > host.TorchSharpVersion)
            yield return new(PluginProblemCode.TorchSharpTooNew, $"'{id}' references TorchSharp {torch}; this host has {host.TorchSharpVersion}.",
                "Remove the reference (it comes with Titer.Sdk), or pin <PackageReference Include=\"TorchSharp\" "
                    + $"Version=\"{host.TorchSharpVersion.ToString(3)}\" ExcludeAssets=\"runtime;native\" />.");
        if (torch is not null && torch < host.TorchSharpVersion)
            yield return new(PluginProblemCode.TorchSharpOlder,
                $"'{id}' was built against TorchSharp {torch.ToString(3)}; this host has {host.TorchSharpVersion.ToString(3)}, whose members may "
                    + "differ.",
                "Rebuild against the TorchSharp that comes with Titer.Sdk.", ProblemSeverity.Advice);
        var framework = main.AssemblyAttributeText("System.Runtime.Versioning.TargetFrameworkAttribute");
        if (string.IsNullOrEmpty(framework)) yield break;
        var target = new FrameworkName(framework);
        var runtime = new Version(host.RuntimeVersion.Major, host.RuntimeVersion.Minor);
        if ((target.Identifier == ".NETCoreApp" && target.Version > runtime) || target.Identifier == ".NETFramework")
            yield return new(PluginProblemCode.FrameworkTooNew,
                $"'{id}' was built for {target.Identifier} {target.Version}; this host runs .NET {runtime}.",
                $"Set <TargetFramework>net{runtime}</TargetFramework> in its csproj, or run the host on a newer .NET.");
    }

    /// <summary>Copies of shared assemblies: the loader would take them, and the host's interfaces would not be the plugin's.</summary>
    public static IEnumerable<PluginProblem> Copies(string id, string folder)
    {
        var names = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (names.Contains("Titer.Sdk.dll"))
            yield return new(PluginProblemCode.SdkCopied, $"The folder of '{id}' holds a copy of Titer.Sdk.dll.", $"Write {SdkReference}.");
        if (names.Contains("TorchSharp.dll") || names.Any(n => n.Contains("LibTorchSharp", StringComparison.OrdinalIgnoreCase)))
            yield return new(PluginProblemCode.TorchSharpCopied, $"The folder of '{id}' holds a copy of TorchSharp.",
                $"Write {SdkReference}; a TorchSharp reference of the plugin's own needs ExcludeAssets=\"runtime;native\" too.");
    }

    /// <summary>What the assembly uses of the SDK and this host's SDK does not have.</summary>
    public static IEnumerable<PluginProblem> Members(string id, AssemblyFile file, HostFacts host)
    {
        foreach (var use in MemberUse.In(file).Where(u => u.Assembly == "Titer.Sdk"))
        {
            var lacks = !host.Surface.HasType(use.Type) ? use.Type
                : use.Member is not null && !host.Surface.HasMember(use.Type, use.Name, use.Member) ? $"{use.Type}.{use.Member}"
                : null;
            if (lacks is not null)
                yield return new(PluginProblemCode.SdkMemberMissing, $"'{id}' needs {lacks}, which this host's SDK {host.SdkVersion} does not have.",
                    "Update the host, or rebuild against an older Titer.Sdk.");
        }
    }

    private static string Suggestion(string id)
    {
        var letters = SnakeCase.Of(string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')))
            .Split('_', StringSplitOptions.RemoveEmptyEntries);
        var suggestion = string.Join('_', letters);
        return SnakeCase.IsValid(suggestion) ? suggestion : "my_plugin";
    }
}
