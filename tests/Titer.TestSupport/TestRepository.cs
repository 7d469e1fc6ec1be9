namespace Titer.TestSupport;

/// <summary>Where the clone is that a test was built in, and what lies beside it.</summary>
internal static class TestRepository
{
    public static string Root { get; } = Find();

    /// <summary>Name of the folder that a program of the test's own configuration is built into: <c>release_linux-x64</c>.</summary>
    public static string Build { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    /// <summary><c>release</c> or <c>debug</c>: the name of the folders of plugins.</summary>
    public static string Configuration { get; } = Build.Split('_')[0];

    /// <summary>Plugins of tests/Fixtures.</summary>
    public static string Fixtures { get; } = Path.Combine(Root, "artifacts", "fixtures", Configuration);

    /// <summary>Plugins that come with the host.</summary>
    public static string Plugins { get; } = Path.Combine(Root, "artifacts", "plugins", Configuration);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Host.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Host.sln is not above the test's folder.");
        return folder.FullName;
    }
}
