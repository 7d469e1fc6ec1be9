namespace Titer.PublicApi.Tests;

/// <summary>The command line never loads torch: a native error there would take the run down with it. Read from what was built.</summary>
public sealed class TorchFreeTests
{
    private static readonly string Tools = Path.Combine(FindArtifacts(), "bin", "Titer.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name);

    [Fact]
    public void Nothing_that_the_command_line_calls_calls_torch()
    {
        using var reach = new TorchReach(Tools);
        var paths = reach.PathsFrom("titer");
        Assert.True(paths.Count == 0, string.Join('\n', paths));
    }

    /// <summary>The rule above would hold of anything if nobody were found.</summary>
    [Fact]
    public void What_calls_torch_is_found_on_the_way_to_it()
    {
        using var reach = new TorchReach(Path.Combine(Tools, "worker"));
        var paths = reach.PathsFrom("Titer.Worker");
        Assert.Contains(paths, p => p.Contains("SubjectSession", StringComparison.Ordinal) && p.EndsWith("NativeTorch.EnsureLoaded",
            StringComparison.Ordinal));
        Assert.Contains(paths,
            p => p.Contains("WarmUp", StringComparison.Ordinal) && p.Contains(" -> TorchSharp.torch", StringComparison.Ordinal));
    }

    private static string FindArtifacts()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.Name != "artifacts") folder = folder.Parent ?? throw new DirectoryNotFoundException("The test does not lie in artifacts.");
        return folder.FullName;
    }
}
