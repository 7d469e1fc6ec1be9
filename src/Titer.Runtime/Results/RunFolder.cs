using System.Security.Cryptography;
using Titer.Runtime.Phases;
using Titer.Runtime.Plugins;

namespace Titer.Runtime.Results;

/// <summary>Paths of a run's results; the layout of DESIGN section 6. One process at a time plays in it.</summary>
public sealed class RunFolder : IDisposable
{
    private readonly FileStream? _lock;

    private RunFolder(string path, FileStream? held) => (Path, _lock) = (path, held);

    public string Path { get; }

    internal const string LeaderboardName = "leaderboard.json";

    public string LeaderboardFile => System.IO.Path.Combine(Path, LeaderboardName);

    /// <summary>The tournament file with every default filled in.</summary>
    public string ResolvedTournamentFile => System.IO.Path.Combine(Path, "run.yaml");

    /// <summary>Hashes of everything that entered the run.</summary>
    public string LockFile => System.IO.Path.Combine(Path, "run.lock.json");

    private string WeightsFolder => System.IO.Path.Combine(Path, "weights");

    /// <summary>Creates or reopens the folder and holds it.</summary>
    /// <exception cref="IOException">Another process plays in it.</exception>
    public static RunFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(full);
        try
        {
            return new RunFolder(full, new FileStream(System.IO.Path.Combine(full, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e is not PathTooLongException and not DirectoryNotFoundException)
        {
            throw new IOException($"TITER207 Another titer process plays in {full}. Wait for it, or choose another folder with --out.", e);
        }
    }

    /// <summary>Opens a folder that must exist, to read it: also while somebody plays in it, since results appear whole or not at all.</summary>
    /// <exception cref="DirectoryNotFoundException">It does not.</exception>
    public static RunFolder OpenToRead(string path) => Directory.Exists(path)
        ? new RunFolder(System.IO.Path.GetFullPath(path), null)
        : throw new DirectoryNotFoundException($"TITER611 There is no folder {path}. Name the folder that 'titer run' printed.");

    public string PhaseFile(string phaseId) => System.IO.Path.Combine(Path, "phases", phaseId + ".json");

    public string LogFile(string phaseId) => System.IO.Path.Combine(Path, "logs", phaseId + ".jsonl");

    /// <summary>Where weights with that SHA-256 lie.</summary>
    public string WeightsFile(string hash) => System.IO.Path.Combine(WeightsFolder, hash, "model.safetensors");

    /// <summary>Copies a plugin's folder to its content address in the run and returns the copy.</summary>
    /// <exception cref="IOException">The files are not those of the hash.</exception>
    public string AdoptPlugin(string source, string id, string contentHash)
    {
        var target = System.IO.Path.Combine(Path, "plugins", $"{id}-{contentHash[..12]}");
        if (Directory.Exists(target) && ContentHash.OfFolder(target) == contentHash) return target;
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            FolderCopy.Copy(source, temporary);
            if (ContentHash.OfFolder(temporary) != contentHash)
                throw new IOException($"{PluginProblemCode.FilesChanged} The files of '{id}' changed after they were inspected. Wait for the build or the copy to end, then start again.");
            Directory.Move(temporary, target);
            return target;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Where a phase's answers with that SHA-256 lie.</summary>
    public string SamplesFile(string phaseId, string hash) => System.IO.Path.Combine(Path, "samples", $"{phaseId}-{hash[..12]}.jsonl.gz");

    /// <summary>Moves a phase's answers to their place and returns their SHA-256; null when there are none.</summary>
    public string? AdoptSamples(string phaseId, string? file)
    {
        // A link would be the plugin's choice of what the host copies.
        if (!File.Exists(file) || new FileInfo(file).LinkTarget is not null) return null;
        string hash;
        using (var stream = File.OpenRead(file)) hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        Adopt(file, SamplesFile(phaseId, hash));
        return hash;
    }

    /// <summary>Moves verified weights to their content address and returns their SHA-256.</summary>
    public string AdoptWeights(string file)
    {
        string hash;
        using (var stream = File.OpenRead(file)) hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        Adopt(file, WeightsFile(hash));
        return hash;
    }

    private static void Adopt(string file, string target)
    {
        if (File.Exists(target)) return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        // Copied beside the target and renamed, since the scratch folder may be on another file system.
        var temporary = target + "." + Guid.NewGuid().ToString("N") + ".tmp";
        File.Copy(file, temporary);
        try
        {
            File.Move(temporary, target);
        }
        catch (IOException) when (File.Exists(target))
        {
            // Another lane brought the same content: equal by its hash.
            File.Delete(temporary);
        }
    }

    public void AppendLog(string phaseId, PhaseLogLine line)
    {
        var file = LogFile(phaseId);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.AppendAllText(file, PhaseLogJson.Line(line) + "\n");
    }

    public void Dispose() => _lock?.Dispose();
}
