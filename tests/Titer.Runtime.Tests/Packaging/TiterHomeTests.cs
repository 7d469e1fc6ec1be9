using Titer.Files;

namespace Titer.Runtime.Tests.Packaging;

/// <summary>The only tests that change the environment: one after the other, in one class.</summary>
public sealed class TiterHomeTests : IDisposable
{
    private readonly (string Name,
        string? Value)[] _before = [.. new[] { "TITER_HOME", "XDG_DATA_HOME" }.Select(n => (n, Environment.GetEnvironmentVariable(n)))];

    public void Dispose()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
    }

    [Theory]
    [InlineData("/a/b/", "/data", "/a/b")]
    [InlineData("", "/data", "/data/titer")]
    [InlineData(null, "/data", "/data/titer")]
    [InlineData(null, "relative", null)]
    [InlineData(null, null, null)]
    public void The_first_variable_that_is_set_decides(string? titer, string? data, string? expected)
    {
        Environment.SetEnvironmentVariable("TITER_HOME", titer);
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", data);

        Assert.Equal(expected ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "titer"),
            TiterHome.FromEnvironment().Path);
    }

    [Fact]
    public void Everything_installed_lies_under_it()
    {
        var home = new TiterHome("/h");
        Assert.Equal(("/h/plugins", "/h/scenarios", "/h/quarantine.json", "/h/installed.json"),
            (home.PluginsFolder, home.ScenariosFolder, home.QuarantineFile, home.InstalledFile));
    }
}
