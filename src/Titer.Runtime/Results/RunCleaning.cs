using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>Something of a results folder that may go.</summary>
/// <param name="Path">A file, or a folder with everything in it.</param>
/// <param name="Place">The same, relative to the results folder.</param>
/// <param name="What">What it is: a clause.</param>
/// <param name="Loses">What can no longer be done without it, and the way back; null where nothing needs it.</param>
internal sealed record Removable(string Path, string Place, long Bytes, string What, string? Loses);

/// <summary>
/// What of a results folder can go, least needed first. Results, answers, boards, the builds that a board plays and the weights that a phase is
/// still to be played on always stay: reports, scores and resuming need them.
/// </summary>
internal static class RunCleaning
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Bytes of all files in a folder, or of one file. What links lead to is not counted.</summary>
    public static long BytesOf(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFiles("*", Everything).Sum(f => f.Length)
        : new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>All that can go.</summary>
    /// <param name="folder">Opened to be read: nothing is moved.</param>
    /// <exception cref="InvalidDataException">It, or a board in it, has no <c>run.lock.json</c> that can be read: nobody knows what it needs.
    /// </exception>
    public static IReadOnlyList<Removable> Of(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var specs = Boards(folder);
        var (finished, needed, made) = (new HashSet<string>(), new HashSet<string>(), new Dictionary<string, List<string>>());
        foreach (var spec in specs)
        {
            var (plan, results) = new ResultStore(folder).Load(spec);
            finished.UnionWith(results.Values.Where(r => r.Status == PhaseStatus.Done).Select(r => r.PhaseId));
            foreach (var phase in plan.Phases.Where(p => p.Kind == PhaseKind.Defend))
            {
                if (results.GetValueOrDefault(phase.Id)?.WeightsHash is not { } hash) continue;
                var models = made.TryGetValue(hash, out var others) ? others : made[hash] = [];
                if (!models.Contains($"{phase.Defense.Label} seed {phase.Seed}")) models.Add($"{phase.Defense.Label} seed {phase.Seed}");
            }

            needed.UnionWith(PhaseQueue.Missing(plan, results).Where(p => p.DefendPhaseId is not null)
                .Select(p => results.GetValueOrDefault(p.DefendPhaseId!)?.WeightsHash).OfType<string>());
        }

        var builds = specs.SelectMany(Builds).Where(b => b.ContentHash.Length >= 12)
            .Select(b => folder.PluginFolder(b.Id, b.ContentHash)).ToHashSet();
        var weights = In(folder, "weights").Where(w => !needed.Contains(Path.GetFileName(w))).ToArray();
        return
        [
            .. In(folder, "set-aside").Select(f => Item(folder, f, "set aside: no longer believed")),
            .. In(folder, "logs").Where(f => finished.Contains(Path.GetFileNameWithoutExtension(f)))
                .Select(f => Item(folder, f, "log of a phase that is done")),
            .. In(folder, "plugins").Where(f => !builds.Contains(f)).Select(f => Item(folder, f, "a build that no board plays")),
            .. In(folder, "index").Select(f => Item(folder, f, "index of results: opening many takes longer until it is made again")),
            .. weights.Where(w => !made.ContainsKey(Path.GetFileName(w))).Select(w => Item(folder, w, "weights of no board")),
            .. weights.Where(w => made.ContainsKey(Path.GetFileName(w))).OrderByDescending(BytesOf).Select(
                w => Item(folder, w, $"defended model of {string.Join(", ", made[Path.GetFileName(w)])}; nothing is left to be played on it",
                    "'titer export' needs it, and an attack that is added later has the defense computed again")),
        ];
    }

    /// <summary>The first of them that bring a folder of so many bytes within a quota.</summary>
    public static IReadOnlyList<Removable> Within(IReadOnlyList<Removable> all, long folderBytes, long keepBytes)
    {
        ArgumentNullException.ThrowIfNull(all);
        var chosen = new List<Removable>();
        foreach (var item in all)
        {
            if (folderBytes <= keepBytes) break;
            chosen.Add(item);
            folderBytes -= item.Bytes;
        }

        return chosen;
    }

    /// <summary>Removes them.</summary>
    /// <param name="folder">Held, so that nobody plays there meanwhile.</param>
    public static void Remove(RunFolder folder, IEnumerable<Removable> items)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(items);
        if (!folder.IsHeld) throw new InvalidOperationException("The folder is only read.");
        foreach (var item in items)
        {
            if (Directory.Exists(item.Path)) StubbornFolder.Delete(item.Path);
            else File.Delete(item.Path);
        }
    }

    private static List<TournamentSpec> Boards(RunFolder folder)
    {
        var specs = new List<TournamentSpec>();
        foreach (var place in In(folder, RunBoard.FolderName).Where(Directory.Exists).Prepend(folder.Path))
        {
            using var board = RunFolder.OpenToRead(place, folder.Key);
            specs.Add(RunRecords.ReadSpec(board));
        }

        return specs;
    }

    private static IEnumerable<(string Id, string ContentHash)> Builds(TournamentSpec spec) => spec.Defenses.Concat(spec.Attacks)
        .SelectMany(e => e.Builds)
        .Concat(spec.Metrics.Select(m => (m.Id, m.ContentHash)));

    private static IEnumerable<string> In(RunFolder folder, string name)
    {
        var path = Path.Combine(folder.Path, name);
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal) : [];
    }

    private static Removable Item(RunFolder folder, string path, string what, string? loses = null) =>
        new(path, Path.GetRelativePath(folder.Path, path), BytesOf(path), what, loses);
}
