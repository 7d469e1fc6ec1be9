using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Data;

/// <summary>The files that an entry names: one, several, or a pattern in the last part of its path.</summary>
internal static class DataPaths
{
    /// <param name="folder">Folder of the scenario file: paths are relative to it.</param>
    public static IReadOnlyList<string> Of(string folder, StrictYaml node) => node.IsList
        ? node.List() is { Count: > 0 } list
            ? [.. list.SelectMany(item => One(folder, item))]
            : throw node.Problem("TITER535 The list of files is empty. Name at least one.")
        : [.. One(folder, node)];

    private static string[] One(string folder, StrictYaml node)
    {
        var path = Path.GetFullPath(Path.Combine(folder, node.Text()));
        if (path.IndexOfAny(['*', '?']) < 0 || File.Exists(path)) return [path];
        var (parent, pattern) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        if (parent.IndexOfAny(['*', '?']) >= 0)
            throw node.Problem(
                "TITER535 A pattern may stand in the name of the file only, not in its folder. Name the folders one by one, as a list.");
        string[] found = Directory.Exists(parent) ? [.. Directory.EnumerateFiles(parent, pattern).Order(StringComparer.Ordinal)] : [];
        return found.Length > 0
            ? found
            : throw node.Problem(
                $"TITER524 No file is like {pattern} in {parent}. Paths are relative to the scenario file; correct 'file', or restore the files.");
    }
}
