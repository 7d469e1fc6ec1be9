namespace Titer.Runtime.Tests.Plugins;

/// <summary>Where the build leaves the plugins of tests/Fixtures.</summary>
internal static class FixtureFolder
{
    public static string Root => TestRepository.Fixtures;

    public static string Of(string name) => Path.Combine(Root, name);

    /// <summary>A copy of a fixture that a test may change.</summary>
    public static string CopyOf(this TestFolder folder, string fixture, string name)
    {
        var target = folder.Sub(name);
        foreach (var file in Directory.EnumerateFiles(Of(fixture))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }
}
