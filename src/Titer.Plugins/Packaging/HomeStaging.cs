using Titer.Files;

namespace Titer.Plugins.Packaging;

/// <summary>
/// Holds the home folder for one installation or removal. New files are unpacked here and renamed into place, old ones renamed away and
/// deleted at the end: at no time does a half-written plugin lie where the host looks for plugins.
/// </summary>
internal sealed class HomeStaging : IDisposable
{
    private const string Replaced = "replaced";

    private readonly TiterHome _home;
    private readonly FileStream _lock;
    private readonly string _folder;

    private HomeStaging(TiterHome home, FileStream held)
    {
        (_home, _lock) = (home, held);
        _folder = Path.Combine(home.StagingFolder, Guid.NewGuid().ToString("N"));
        Incoming = Path.Combine(_folder, "incoming");
        Directory.CreateDirectory(Incoming);
        Directory.CreateDirectory(Path.Combine(_folder, Replaced));
    }

    /// <summary>An empty folder for the new plugin's files.</summary>
    public string Incoming { get; }

    /// <exception cref="IOException">Another process holds the home folder, or it cannot be written.</exception>
    public static HomeStaging Open(TiterHome home)
    {
        Directory.CreateDirectory(home.Path);
        // Never deleted: who unlinks a lock file lets two others hold it.
        var held = new FileStream(home.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            Recover(home);
            return new HomeStaging(home, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Renames the incoming files to the plugin's folder; when anything fails, the old ones are put back.</summary>
    public void PutInPlace(string id, Action commit)
    {
        var (target, old) = (Path.Combine(_home.PluginsFolder, id), Path.Combine(_folder, Replaced, id));
        Directory.CreateDirectory(_home.PluginsFolder);
        var replaces = Directory.Exists(target);
        if (replaces) Directory.Move(target, old);
        var arrived = false;
        try
        {
            Directory.Move(Incoming, target);
            arrived = true;
            commit();
        }
        catch
        {
            if (arrived) Directory.Move(target, Incoming);
            if (replaces) Directory.Move(old, target);
            throw;
        }
    }

    /// <summary>Renames a plugin's folder away; put back when the commit fails.</summary>
    public void TakeAway(string id, Action commit)
    {
        // Not among the replaced: a removal that was cut short is not undone later.
        var (target, removed) = (Path.Combine(_home.PluginsFolder, id), Path.Combine(_folder, "removed"));
        var exists = Directory.Exists(target);
        if (exists) Directory.Move(target, removed);
        try
        {
            commit();
        }
        catch
        {
            if (exists) Directory.Move(removed, target);
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
            Directory.Delete(_home.StagingFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next installation clears it.
        }

        _lock.Dispose();
    }

    /// <summary>A process that was killed between two renames left the old plugin here: it goes back, the rest goes away.</summary>
    private static void Recover(TiterHome home)
    {
        if (!Directory.Exists(home.StagingFolder)) return;
        foreach (var stale in Directory.GetDirectories(home.StagingFolder))
        {
            var replaced = Path.Combine(stale, Replaced);
            foreach (var old in Directory.Exists(replaced) ? Directory.GetDirectories(replaced) : [])
            {
                var target = Path.Combine(home.PluginsFolder, Path.GetFileName(old));
                if (!Directory.Exists(target)) Directory.Move(old, target);
            }

            Directory.Delete(stale, recursive: true);
        }
    }
}
