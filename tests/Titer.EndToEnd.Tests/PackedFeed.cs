namespace Titer.EndToEnd.Tests;

/// <summary>The packages of what was built: nothing is built again, for other programs of it may be running.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly TestFolder _folder = new();

    public string Path => System.IO.Path.Combine(_folder.Path, "feed");

    public async ValueTask InitializeAsync()
    {
        var isRelease = new DirectoryInfo(AppContext.BaseDirectory).Name.StartsWith("release", StringComparison.Ordinal);
        await SystemProgram.DotNetAsync(TiterProcess.Repository, "pack", "src/Titer.Cli", "--no-build", "-c", isRelease ? "Release" : "Debug", "-o",
            Path, "-v", "q");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
