using System.Reflection;
using System.Text.RegularExpressions;
using PublicApiGenerator;
using Titer.Sdk;
using Titer.Sdk.Testing;
using Titer.Sdk.Testing.Xunit;

namespace Titer.PublicApi.Tests;

/// <summary>
/// The SDK's public surface is a text file in this folder; a change of surface is a visible diff. To accept one, run the tests with
/// <c>UPDATE_APPROVED=1</c> and commit the file.
/// </summary>
public sealed partial class SdkSurfaceTests
{
    /// <summary>What plugins compile against, and what their authors' tests do.</summary>
    private static readonly Dictionary<string, Assembly> Guarded =
        new Assembly[] { typeof(IDefense).Assembly, typeof(PluginHarness).Assembly, typeof(PluginConformanceTests).Assembly }
        .ToDictionary(assembly => assembly.GetName().Name!);

    [Theory]
    [InlineData("Titer.Sdk")]
    [InlineData("Titer.Sdk.Testing")]
    [InlineData("Titer.Sdk.Testing.Xunit")]
    public void The_surface_is_the_approved_one(string name)
    {
        var file = Path.Combine(Folder(), $"{name}.approved.txt");
        var surface = Guarded[name].GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });
        // xunit's facts carry the path that they were compiled at.
        surface = CompiledAt().Replace(surface.ReplaceLineEndings("\n"), "\"sdk/$1\"") + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1") File.WriteAllText(file, surface);

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), surface);
    }

    [Fact]
    public void The_assembly_version_is_frozen_for_the_major_version() =>
        Assert.Equal(new Version(1, 0, 0, 0), typeof(IDefense).Assembly.GetName().Version);

    [Fact]
    public void The_sdk_references_torch_and_logging_abstractions_and_nothing_else()
    {
        var references = typeof(IDefense).Assembly.GetReferencedAssemblies().Select(r => r.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("mscorlib" or "netstandard"));

        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions", "TorchSharp"], references.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("\"[^\"]*/sdk/([^\"]*)\", [0-9]+")]
    private static partial Regex CompiledAt();

    private static string Folder() => Path.Combine(TestRepository.Root, "tests", "Titer.PublicApi.Tests");
}
