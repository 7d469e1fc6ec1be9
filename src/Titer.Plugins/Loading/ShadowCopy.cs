using Titer.Files;
using Titer.Plugins.Packaging;

namespace Titer.Plugins.Loading;

/// <summary>
/// A private copy of a plugin's folder: a drop folder that is overwritten while its assembly is mapped would end the process. Files that are
/// named like a shared assembly are left out, so that they can never be found in place of the host's.
/// </summary>
internal sealed class ShadowCopy
{
    private ShadowCopy(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="root">Scratch folder of this process or phase; its owner deletes it.</param>
    /// <returns>Null and a problem when the files are not those that the gate saw.</returns>
    public static (ShadowCopy? Copy, PluginProblem? Problem) Of(InstalledPlugin plugin, string root)
    {
        var folder = Path.Combine(root, $"{plugin.Manifest.Id}-{plugin.Manifest.ContentHash[..12]}-{Guid.NewGuid():N}");
        try
        {
            FolderCopy.Copy(plugin.Folder, folder, PackageLimits.Folder);
            if (ContentHash.OfFolder(folder) != plugin.Manifest.ContentHash)
            {
                Directory.Delete(folder, recursive: true);
                return (null, new(PluginProblemCode.FilesChanged, $"The files of '{plugin.Manifest.Id}' changed after they were inspected.",
                    "Wait for the build or the copy to end, then start again."));
            }

            foreach (var shared in Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories)
                .Where(f => HostFacts.IsShared(Path.GetFileName(f))).ToArray())
                File.Delete(shared);
            return (new ShadowCopy(folder), null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return (null, new(PluginProblemCode.LoadFailed, $"'{plugin.Manifest.Id}' cannot be copied to '{root}': {e.Message}",
                "Check that the folder exists, is writable and has room.") { IsMachines = e is not InvalidDataException });
        }
    }

    /// <summary>Removes the copy; what cannot be removed now goes with the scratch folder.</summary>
    public void Delete()
    {
        try
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // Still mapped, where the system refuses to delete mapped files.
        }
    }
}
