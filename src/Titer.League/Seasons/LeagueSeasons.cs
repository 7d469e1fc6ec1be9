using System.Globalization;
using System.Security.Cryptography;
using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Promises;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.League.Seasons;

/// <summary>Opens and closes a league's seasons, while no host plays in it.</summary>
internal static class LeagueSeasons
{
    public static string NameOf(LeagueFile file) => file.Tournament.Name ?? Path.GetFileName(file.Folder);

    /// <summary>Freezes everything that can change an answer, as the league's files have it now.</summary>
    /// <param name="name">Null counts: <c>spring-1</c>, <c>spring-2</c>.</param>
    /// <exception cref="FileRefusalException">A season is open, or one of that name was; an attack that the
    /// file names is not here; or a host plays.</exception>
    /// <param name="hidden">Packages of attacks that nobody is told of before the season closes.</param>
    /// <param name="drawnSeeds">Seeds that are drawn when submissions close.</param>
    public static SeasonDocument Open(LeagueFile file, LeagueHost host, string? name, IReadOnlyList<string>? hidden = null, int drawnSeeds = 0)
    {
        using var folder = RunFolder.Open(file.ResultsFolder, host.Key);
        var before = SeasonFile.Find(folder.Path);
        if (before is { IsOpen: true })
            throw new FileRefusalException($"TITER712 Season {before.Frozen.Season} is open. Close it first with 'titer season close'.");
        var league = NameOf(file);
        var kept = SeasonFile.Kept(folder.Path);
        var season = name ?? $"{league}-{(kept.Count + 1).ToString(CultureInfo.InvariantCulture)}";
        if (kept.Contains(season)) throw new FileRefusalException($"TITER712 There was a season {season}. Give this one another name.");
        var entries = LeagueLedger.Find(folder.Path)?.Entries ?? [];
        var field = new LeagueField(file, host, folder, new PluginGate(host.Policy), SeasonCanaries.Ids);
        if (field.AwaitedAttacks(entries).ToArray() is { Length: > 0 } awaited)
            throw new FileRefusalException(
                $"TITER725 {file.Path} names {string.Join(", ", awaited)}, which nobody has dropped: a season freezes its "
                + "attacks. Drop it and serve the league once, or take it out of the file.");
        var resolved = field.Resolve(entries);
        var secrets = SeasonSecrets.Keep(file, season, hidden ?? [], drawnSeeds > 0, new PluginGate(host.Policy),
            [
                .. resolved.Spec.Attacks.Concat(resolved.Spec.Defenses).SelectMany(e => e.Builds).Select(b => b.Id),
                .. entries.Select(e => e.Id),
            ]);
        var document = SeasonDocument.Of(SeasonInputs.Of(season, league, host.Clock.GetUtcNow(), resolved.Spec, resolved.Assets.Scenario,
            SeasonCanaries.Ids) with { Promised = secrets.Commitments, DrawnSeeds = drawnSeeds });
        SeasonFile.Write(folder.Path, document);
        new LeagueLog(folder.Path, host.Clock, _ => { }).Write(LeagueEventKind.Noticed, $"Season {season} is open: {document.Sha256}.");
        return document;
    }

    /// <summary>Ends submissions: from here on nothing new enters, the operator's seeds are drawn, and hidden attacks play.</summary>
    /// <exception cref="FileRefusalException">None is open, it is sealed already, what was promised is gone, or a host plays.</exception>
    public static SeasonDocument Seal(LeagueFile file, LeagueHost host)
    {
        using var folder = RunFolder.Open(file.ResultsFolder, host.Key);
        var season = Demand(folder.Path);
        if (season is not { IsOpen: true, Seal: null })
            throw new FileRefusalException(
                $"TITER711 Season {season.Frozen.Season} is {(season.IsOpen ? "sealed" : "closed")} already. Serve it, and close "
                + "it with 'titer season close'.");
        var secrets = SeasonSecrets.Read(file, season);
        string[] entries =
            [.. (LeagueLedger.Find(folder.Path)?.Entries ?? []).Where(e => e.Kind == PluginKind.Defense && e.State != EntryState.Superseded)
            .Select(e => $"{e.Id} {e.ContentHash}").Order(StringComparer.Ordinal)];
        var sealed_ = season with
        {
            Seal = new SeasonSeal(host.Clock.GetUtcNow(), entries,
                SeasonSeal.Draw(secrets.Reveals, entries, season.Frozen.DrawnSeeds, season.Frozen.Play.Seeds)),
        };
        SeasonFile.Write(folder.Path, sealed_);
        new LeagueLog(folder.Path, host.Clock, _ => { }).Write(LeagueEventKind.Noticed, $"Season {season.Frozen.Season} takes nothing in any more.");
        return sealed_;
    }

    /// <summary>Ends the season that is open: its board is computed once more from its results, and kept.</summary>
    /// <param name="unfinished">Also while phases have no result.</param>
    /// <exception cref="FileRefusalException">None is open, its inputs changed, phases are left, or a host plays.</exception>
    public static SeasonDocument Close(LeagueFile file, LeagueHost host, bool unfinished)
    {
        using var folder = RunFolder.Open(file.ResultsFolder, host.Key);
        var season = Demand(folder.Path);
        if (!season.IsOpen)
            throw new FileRefusalException($"TITER711 Season {season.Frozen.Season} is closed. Open the next with 'titer season open'.");
        var gate = new PluginGate(host.Policy);
        var secrets = SeasonSecrets.Read(file, season);
        if (season.Frozen.Promised.Count > 0 && season.Seal is null && !unfinished)
            throw new FileRefusalException(
                $"TITER726 Season {season.Frozen.Season} has promised hidden attacks or seeds, which have not played. End its "
                + "submissions with 'titer season seal' and serve it, or close it all the same with --unfinished.");
        var field = LeagueField.InSeason(file, host, folder, gate, season);
        var resolved = field.Resolve(LeagueLedger.Find(folder.Path)?.Entries ?? []);
        SeasonCheck.DemandInputs(season, resolved, NameOf(file));
        season = season with { Revealed = season.Frozen.Promised.Count > 0 ? secrets.Reveals : null };
        var (plan, results) = new ResultStore(folder, resolved.Assets.Scenario).Load(resolved.Spec);
        var left = PhaseQueue.Missing(plan, results).Count();
        if (left > 0 && !unfinished)
            throw new FileRefusalException(
                $"TITER726 {left} phases of season {season.Frozen.Season} have no result. Serve the league until it is idle, "
                + "or close it all the same with --unfinished.");
        var report = SeasonMarks.Mark(TournamentFold.Report(resolved.Spec, plan, results), season);
        var kept = SeasonFile.FolderOf(folder.Path, season.Frozen.Season);
        string[] rows = [.. report.Rows.Select(r => r.Defense)];
        // The board says that the season is over, and the season which board that is.
        var closed = season with { End = new SeasonEnd(host.Clock.GetUtcNow(), rows, "", left, null) };
        var board = SeasonMarks.Mark(report, closed);
        RunRecords.Write(kept, board);
        RunRecords.Write(folder, resolved.Spec);
        RunRecords.Write(folder, board);
        File.Copy(folder.LockFile, Path.Combine(kept, Path.GetFileName(folder.LockFile)), overwrite: true);
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(kept, RunFolder.LeaderboardName))));
        closed = closed with { End = closed.End! with { BoardSha256 = hash, Invalid = board.Season!.Invalid } };
        ReplacedFile.Write(Path.Combine(kept, SeasonFile.FileName), SeasonFile.Text(closed));
        SeasonFile.Write(folder.Path, closed);
        new LeagueLog(folder.Path, host.Clock, _ => { }).Write(LeagueEventKind.Noticed,
            $"Season {season.Frozen.Season} is closed: {season.Sha256}.");
        return closed;
    }

    /// <exception cref="FileRefusalException">There is none.</exception>
    public static SeasonDocument Demand(string results) => SeasonFile.Find(results) ?? throw new FileRefusalException(
        $"TITER711 No season was opened in {results}. Open one with 'titer season open'.");
}
