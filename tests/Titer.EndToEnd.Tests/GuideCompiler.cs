using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Titer.EndToEnd.Tests;

/// <summary>Compiles a document's code block as a plugin project would, implicit usings included.</summary>
internal static class GuideCompiler
{
    /// <param name="libraries">Assemblies that a project would reference on top of the SDK.</param>
    public static void Compile(string code, string name, string folder, params string[] libraries)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Concat(libraries)
            .Select(p => MetadataReference.CreateFromFile(p));
        const string usings = "global using System; global using System.Linq; global using System.Collections.Generic;";
        const string framework = "[assembly: System.Runtime.Versioning.TargetFramework(\".NETCoreApp,Version=v10.0\")]";
        var result = CSharpCompilation.Create(
                name, new[] { code, usings, framework }.Select(text => CSharpSyntaxTree.ParseText(text)), references,
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable))
            .Emit(Path.Combine(folder, $"{name}.dll"));
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
    }
}
