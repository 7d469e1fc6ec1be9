using System.Security.Cryptography;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Results;

/// <summary>Paths of a run's results; the layout is in src/Titer.Cli/README.md, "What a run leaves". One process at a time plays in it.</summary>
internal sealed class RunFolder : IDisposable
{
    /// <summary>EAGAIN: somebody holds the lock.</summary>
    private const int LockedError = 11;

    /// <summary>Compressed; no honest phase comes near it.</summary>
    private const long MostSamplesBytes = 256L << 20;

    /// <summary>No file takes a job longer to write.</summary>
    private static readonly TimeSpan JobFilesAge = TimeSpan.FromDays(1);

    private readonly FileStream? _lock;
    private FolderClaim? _claim;
    private readonly Lock _settingAside = new();

    private readonly bool _isJoined;

    private RunFolder(string path, FileStream? held, ResultKey? key, bool isJoined = false) =>
        (Path, _lock, Key, _isJoined) = (path, held, key ?? ResultKey.OfThisProcess(), isJoined);

    /// <summary>What the results in it are sealed with.</summary>
    internal ResultKey Key { get; }

    /// <summary>It is held by this process, and not only read.</summary>
    internal bool IsHeld => _lock is not null;

    /// <summary>Another host thought that this one was gone, and plays in it: this one begins nothing more.</summary>
    internal bool IsTakenOver => TakenOver.IsCancellationRequested;

    internal CancellationToken TakenOver => _claim?.Lost ?? CancellationToken.None;

    /// <summary>Before what is no phase's is written: another host may have taken the folder over.</summary>
    /// <exception cref="FileRefusalException">It has.</exception>
    internal void DemandOwn()
    {
        if (IsTakenOver)
            throw new FileRefusalException($"TITER207 Another titer took {Path} over while this one stood still. What was played is kept.");
    }

    /// <summary>Others play in it beside this process.</summary>
    internal bool IsJoined => _isJoined;

    /// <summary>This process plays in it: what it finds there must be this host's.</summary>
    internal bool IsPlayedIn => IsHeld || IsJoined;

    public string Path { get; }

    internal const string LeaderboardName = "leaderboard.json";

    /// <summary>Where the files of the board lie that this run writes: the folder, or one under <c>boards</c> (<see cref="RunBoard"/>).</summary>
    public string BoardPath { get => field ?? Path; private set; }

    public string LeaderboardFile => System.IO.Path.Combine(BoardPath, LeaderboardName);

    /// <summary>The tournament file with every default filled in.</summary>
    public string ResolvedTournamentFile => System.IO.Path.Combine(BoardPath, "run.yaml");

    /// <summary>Hashes of everything that entered the run.</summary>
    public string LockFile => System.IO.Path.Combine(BoardPath, "run.lock.json");

    /// <summary>What a cluster's jobs are told, and what they say; there is none where no job ever played.</summary>
    internal string JobsFolder => System.IO.Path.Combine(Path, "slurm");

    /// <summary>What is derived from the results, to find them again fast (<see cref="ResultIndex"/>).</summary>
    internal string IndexFolder => System.IO.Path.Combine(Path, "index");

    private string WeightsFolder => System.IO.Path.Combine(Path, "weights");

    /// <summary>Creates or reopens the folder and holds it; what a killed process began there and did not finish is removed.</summary>
    /// <exception cref="IOException">Another process plays in it, or it cannot be written to.</exception>
    /// <param name="key">Null seals with a key of this process alone: nothing of it holds for a later one.</param>
    public static RunFolder Open(string path, ResultKey? key = null)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            var held = new FileStream(System.IO.Path.Combine(full, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
            var folder = new RunFolder(full, held, key);
            // The lock is of this machine, or of those that its file system asks; the claim is for the others.
            var (claim, other) = FolderClaim.Take(full);
            folder._claim = claim;
            if (claim is null)
            {
                folder.Dispose();
                throw new FileRefusalException($"TITER207 Another titer plays in {full}: {other}. Wait for it, or choose another folder "
                    + "with --out.");
            }

            folder.Sweep();
            return folder;
        }
        catch (IOException e) when (e.HResult == LockedError)
        {
            throw new FileRefusalException($"TITER207 Another titer process plays in {full}. Wait for it, or choose another folder with --out.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileRefusalException(
                $"TITER231 Results cannot be written to {full}: {e.Message} Choose another folder with --out, or mend its permissions.", e);
        }
    }

    /// <summary>Opens a folder that must exist, to read it: also while somebody plays in it, since results appear whole or not at all.</summary>
    /// <param name="path">Of the folder, or of one of its boards.</param>
    /// <exception cref="FileRefusalException">It does not.</exception>
    public static RunFolder OpenToRead(string path, ResultKey? key = null)
    {
        if (!Directory.Exists(path))
            throw new FileRefusalException($"TITER611 There is no folder {path}. Name the folder that 'titer run' printed.");
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        // Results lie beside the boards, once for all of them.
        return System.IO.Path.GetDirectoryName(full) is { } boards && System.IO.Path.GetFileName(boards) == RunBoard.FolderName
            ? new RunFolder(System.IO.Path.GetDirectoryName(boards)!, null, key) { BoardPath = full }
            : new RunFolder(full, null, key);
    }

    /// <summary>
    /// Opens a folder that must exist, to play single phases in it beside others: a job of a cluster. Nothing of it is held; what is committed there
    /// is committed once, whoever comes first.
    /// </summary>
    internal static RunFolder Join(string path, ResultKey key) => Directory.Exists(path)
        ? new RunFolder(System.IO.Path.GetFullPath(path), null, key, isJoined: true)
        : throw new FileRefusalException($"TITER254 There is no folder {path} on {Environment.MachineName}. The results folder must lie in a file "
            + "system that the nodes of the cluster share, under the same name.");

    /// <summary>From here on the board's files are those of the named board.</summary>
    public void UseBoard(string name)
    {
        BoardPath = System.IO.Path.Combine(Path, RunBoard.FolderName, name);
        Directory.CreateDirectory(BoardPath);
    }

    public string PhaseFile(string phaseId) => System.IO.Path.Combine(Path, "phases", phaseId + ".json");

    /// <summary>
    /// Ids of the phases that have a file, or whatever else of that name. One listing: a network file system remembers for a while that a single
    /// name was not there.
    /// </summary>
    internal HashSet<string> StoredPhases()
    {
        var folder = System.IO.Path.Combine(Path, "phases");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFileSystemEntries(folder, "*.json").Select(f => System.IO.Path.GetFileNameWithoutExtension(f))]
            : [];
    }

    public string LogFile(string phaseId) => System.IO.Path.Combine(Path, "logs", phaseId + ".jsonl");

    /// <summary>Where weights with that SHA-256 lie.</summary>
    public string WeightsFile(string hash) => System.IO.Path.Combine(WeightsFolder, hash, "model.safetensors");

    /// <summary>Where a build lies that the run plays.</summary>
    internal string PluginFolder(string id, string contentHash) => System.IO.Path.Combine(Path, "plugins", $"{id}-{contentHash[..12]}");

    /// <summary>Copies a plugin's folder to its content address in the run and returns the copy.</summary>
    /// <exception cref="IOException">The files are not those of the hash.</exception>
    public string AdoptPlugin(string source, string id, string contentHash)
    {
        var target = PluginFolder(id, contentHash);
        if (Directory.Exists(target) && IsThatBuild(target, contentHash)) return target;
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            FolderCopy.Copy(source, temporary, takes: ReadableFiles.IsKept);
            if (ContentHash.OfFolder(temporary) != contentHash)
                throw new FileRefusalException(
                    $"{PluginProblemCode.FilesChanged} The files of '{id}' changed after they were inspected. Wait for the build or the copy to "
                        + "end, then start again.");
            Directory.Move(temporary, target);
            return target;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static bool IsThatBuild(string folder, string contentHash)
    {
        try
        {
            return ContentHash.OfFolder(folder) == contentHash;
        }
        catch (Exception e) when (e is PlainFolderException or InvalidDataException)
        {
            // Somebody put a link or a pipe into it.
            return false;
        }
    }

    /// <summary>Where a phase's answers with that SHA-256 lie.</summary>
    public string SamplesFile(string phaseId, string hash) => System.IO.Path.Combine(Path, "samples", $"{phaseId}-{hash[..12]}.jsonl.gz");

    /// <summary>Whether a file, link or pipe of that name is there; nothing of it is opened.</summary>
    internal static bool Has(string file) => System.IO.Path.Exists(file) || new FileInfo(file).LinkTarget is not null;

    /// <summary>Copies a phase's answers to their place and returns their SHA-256.</summary>
    /// <exception cref="InvalidDataException">It is no regular file, or too large.</exception>
    public string AdoptSamples(string phaseId, string file)
    {
        var temporary = Temporary(System.IO.Path.Combine(Path, "samples", phaseId));
        try
        {
            var hash = RegularFile.CopyTo(file, temporary, MostSamplesBytes);
            ReplacedFile.Commit(temporary, SamplesFile(phaseId, hash));
            return hash;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Copies weights that a worker left to a place of the host's own, where they are checked before they count.</summary>
    /// <exception cref="InvalidDataException">It is no regular file, or larger than <paramref name="mostBytes"/>.</exception>
    internal TakenWeights TakeWeights(string file, long mostBytes)
    {
        var temporary = Temporary(System.IO.Path.Combine(WeightsFolder, "taken"));
        try
        {
            return new TakenWeights(temporary, RegularFile.CopyTo(file, temporary, mostBytes), WeightsFile);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Moves a file that is not what it should be out of the way; null in a folder that is only read.</summary>
    /// <returns>Where it is now, relative to the folder.</returns>
    internal string? SetAside(string file)
    {
        if (!IsPlayedIn) return null;
        lock (_settingAside)
        {
            var name = System.IO.Path.GetRelativePath(Path, file).Replace(System.IO.Path.DirectorySeparatorChar, '-');
            var target = System.IO.Path.Combine(Path, "set-aside", name);
            for (var copy = 2; Has(target); copy++)
                target = System.IO.Path.Combine(Path, "set-aside", $"{name}.{copy.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Move(file, target);
            return System.IO.Path.GetRelativePath(Path, target);
        }
    }

    private static string Temporary(string path)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return $"{path}.{Guid.NewGuid():N}.tmp";
    }

    /// <summary>
    /// Only whoever holds the folder writes there: an unfinished file is a dead process'. Where a cluster's jobs write too, it is one's that is
    /// older than any that still writes.
    /// </summary>
    private void Sweep()
    {
        var isShared = Directory.Exists(JobsFolder);
        string[] folders = [Path, System.IO.Path.Combine(Path, "phases"), System.IO.Path.Combine(Path, "samples"), WeightsFolder,
            System.IO.Path.Combine(Path, "plugins"), IndexFolder];
        var boards = System.IO.Path.Combine(Path, RunBoard.FolderName);
        if (Directory.Exists(boards)) folders = [.. folders, .. Directory.EnumerateDirectories(boards)];
        foreach (var entry in folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFileSystemEntries(f, "*.tmp")))
        {
            if (isShared && DateTime.UtcNow - File.GetLastWriteTimeUtc(entry) < JobFilesAge) continue;
            if (Directory.Exists(entry)) StubbornFolder.Delete(entry);
            else File.Delete(entry);
        }
    }

    public void AppendLog(string phaseId, PhaseLogLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var file = LogFile(phaseId);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.AppendAllText(file, PhaseLogJson.Line(line) + "\n");
    }

    public void Dispose()
    {
        _claim?.Dispose();
        _lock?.Dispose();
    }
}
