using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>Compiles real plugin assemblies from a few lines, also against SDKs and TorchSharps of other versions.</summary>
internal static class PluginCompiler
{
    private static readonly MetadataReference[] HostReferences =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p))];

    /// <summary>Writes <c>name.dll</c> into the folder and returns the folder.</summary>
    /// <param name="others">Assemblies that stand in for the host's of the same name.</param>
    public static string Compile(string folder, string name, string source, params (string Name, byte[] Image)[] others)
    {
        File.WriteAllBytes(Path.Combine(folder, $"{name}.dll"), Image(name, source, others));
        return folder;
    }

    /// <summary>Another version of an assembly that the host has.</summary>
    public static (string Name, byte[] Image) Stranger(string name, string version, string source) =>
        (name, Image(name, $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")]\n{source}", []));

    private static byte[] Image(string name, string source, (string Name, byte[] Image)[] others)
    {
        var references = HostReferences
            .Where(r => Path.GetFileNameWithoutExtension(r.Display) is var host && host != name && others.All(o => o.Name != host))
            .Concat(others.Select(o => MetadataReference.CreateFromImage(o.Image)));
        var compilation = CSharpCompilation.Create(name,
            [CSharpSyntaxTree.ParseText($"using System; using Titer.Sdk;\n{source}\nnamespace Titer.Sdk {{ }}")], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        return image.ToArray();
    }
}
