using PublicApiGenerator;
using Titer.Sdk;

namespace Titer.PublicApi.Tests;

/// <summary>
/// The SDK's public surface is a text file in this folder; a change of surface is a visible diff. To accept one, run the tests with
/// <c>UPDATE_APPROVED=1</c> and commit the file.
/// </summary>
public sealed class SdkSurfaceTests
{
    private static readonly string ApprovedFile = Path.Combine(Folder(), "Titer.Sdk.approved.txt");

    [Fact]
    public void The_surface_of_the_sdk_is_the_approved_one()
    {
        var surface = typeof(IDefense).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1") File.WriteAllText(ApprovedFile, surface);

        Assert.Equal(File.ReadAllText(ApprovedFile).ReplaceLineEndings("\n"), surface);
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

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Host.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Host.sln is not above the test's folder.");
        return Path.Combine(folder.FullName, "tests", "Titer.PublicApi.Tests");
    }
}
