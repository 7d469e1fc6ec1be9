using Titer.Files;
using Titer.Plugins.Packaging;

namespace Titer.Plugins.Metadata;

/// <summary>The .NET assemblies of one plugin folder, shared ones left out.</summary>
internal sealed class PluginFiles : IDisposable
{
    private readonly string _path;
    private readonly List<AssemblyFile> _assemblies = [];
    private readonly List<(string File, string Reason)> _unreadable = [];

    private PluginFiles(string path) => _path = path;

    public IReadOnlyList<AssemblyFile> Assemblies => _assemblies;

    /// <param name="folder">The plugin's folder; subfolders hold satellites and native files and are not searched.</param>
    /// <param name="only">The plugin's own dll, where it was named.</param>
    public static PluginFiles Open(string folder, string? only)
    {
        var files = new PluginFiles(only ?? folder);
        string[] paths = only is null ? [.. Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)] : [only];
        foreach (var path in paths)
        {
            if (HostFacts.IsShared(Path.GetFileName(path))) continue;
            try
            {
                if (AssemblyFile.Open(path, RegularFile.ReadAllBytes(path, PackageLimits.TotalBytes)) is { } assembly)
                    files._assemblies.Add(assembly);
                else if (only is not null) files._unreadable.Add((path, "it is a native library"));
            }
            catch (Exception e) when (e is BadImageFormatException or IOException or InvalidDataException or UnauthorizedAccessException)
            {
                files._unreadable.Add((path, e.Message));
            }
        }

        return files;
    }

    /// <summary>The assembly with the attribute.</summary>
    public (AssemblyFile? File, PluginProblem? Problem) Main()
    {
        var declared = _assemblies.Where(PluginDeclaration.IsIn).ToArray();
        if (declared.Length == 1) return (declared[0], null);
        if (declared.Length > 1)
            return (null, new(PluginProblemCode.SeveralPlugins,
                $"'{_path}' holds {declared.Length} plugins: {string.Join(", ", declared.Select(d => d.FileName))}.",
                "Give every plugin a folder of its own; a plugin must not reference another one."));
        if (_unreadable.Count > 0)
            return (null, new(PluginProblemCode.Unreadable, $"'{_unreadable[0].File}' is no readable .NET assembly: {_unreadable[0].Reason}",
                "Rebuild the plugin, and copy it again."));
        return (null, new(PluginProblemCode.NotAPlugin,
            _assemblies.Count == 0 ? $"'{_path}' holds no assembly of a plugin." : $"No assembly in '{_path}' declares a plugin.",
            "Add [assembly: TiterPlugin(\"my_plugin\", SdkApi.Level)] to the plugin's code, or take the folder away."));
    }

    public void Dispose()
    {
        foreach (var assembly in _assemblies) assembly.Dispose();
    }
}
