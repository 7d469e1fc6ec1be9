using Titer.League.Catalog;
using Titer.League.Configuration;
using Titer.League.Play;
using Titer.League.Promises;
using Titer.League.Seasons;
using Titer.League.Standing;
using Titer.League.Submissions;
using Titer.Plugins;
using Titer.Plugins.Watching;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.League;

/// <summary>A league whose results folder this process holds, with everything that plays it.</summary>
internal sealed class OpenLeague : IDisposable
{
    private readonly DropWatch _watch;

    private OpenLeague(LeagueFile file, LeagueHost host)
    {
        (File, Host) = (file, host);
        var gate = new PluginGate(host.Policy);
        foreach (var watched in file.WatchedFolders) Directory.CreateDirectory(watched);
        Folder = RunFolder.Open(file.ResultsFolder, host.Key);
        try
        {
            var season = SeasonFile.Find(Folder.Path) is { IsOpen: true } open ? open : null;
            Field = LeagueField.InSeason(file, host, Folder, gate, season);
            Log = new LeagueLog(Folder.Path, host.Clock, host.Say);
            Ledger = LeagueLedger.Open(Folder.Path, file.Tournament.Name ?? Path.GetFileName(file.Folder), host.Clock);
            First = Field.Resolve(Ledger.Document.Entries);
            if (season is not null) SeasonCheck.DemandInputs(season, First, Ledger.Document.Name);
            Board = new LeagueBoard(Folder, Ledger, Log, new SupersededRows(Field, Folder), new RestingOpinions(host, Folder, First, Log),
                host.Clock) { Priorities = file.Priorities };
            _watch = new DropWatch(file.WatchedFolders, host.Clock);
            // What is gone while no host ran is told by the watch only if it knows the places.
            foreach (var entry in Ledger.Document.Entries.Where(e => e.State == EntryState.Standing)) _watch.Expect(entry.Place);
            foreach (var refused in Ledger.Document.Refused) _watch.Expect(refused.Place);
            string[] reserved = season is null ? [] : [.. SeasonSecrets.Read(file, season).Attacks.Select(a => a.Id)];
            var desk = file.Submissions is { } settings ? new SubmissionDesk(settings, gate, host.Policy, season) { Reserved = reserved } : null;
            if (desk is not null) Inbox = new SubmissionInbox(file.InboxFolder!, file.Submissions!.Bytes, desk, Ledger);
            Catalog = new LeagueCatalog(_watch, drop => InspectedDrop.Of(drop, gate, desk), Field, Ledger, Log, host.Clock)
            {
                Season = season,
                Reserved = reserved,
                Desk = desk,
                Keep = (from, bundle) => SubmissionDesk.Keep(from, bundle, Folder),
            };
        }
        catch
        {
            Folder.Dispose();
            throw;
        }
    }

    public LeagueFile File { get; }

    public LeagueHost Host { get; }

    public RunFolder Folder { get; }

    public LeagueField Field { get; }

    public LeagueLedger Ledger { get; }

    public LeagueLog Log { get; }

    /// <summary>What is played before anything is dropped.</summary>
    public ResolvedTournament First { get; }

    public LeagueBoard Board { get; }

    public LeagueCatalog Catalog { get; }

    /// <summary>Where uploads go; null where the league takes no submissions.</summary>
    public SubmissionInbox? Inbox { get; }

    /// <summary>What is said first.</summary>
    public string Opening => $"{Ledger.Document.Name}: {Ledger.Document.Entries.Count(e => e.State != EntryState.Superseded)} entries, results in {
        Folder.Path}, watching {string.Join(", ", File.WatchedFolders)}.";

    /// <exception cref="Titer.Files.FileRefusalException">Another process plays in the results folder, or it cannot be used.</exception>
    /// <exception cref="ConfigurationException">The league's file asks for what is not there.</exception>
    public static OpenLeague Open(LeagueFile file, LeagueHost host) => new(file, host);

    public int LanesOf(TournamentSpec spec) =>
        Host.Lanes ?? File.Lanes ?? DeviceLanes.DefaultCount(spec.Device);

    public void Dispose()
    {
        _watch.Dispose();
        Folder.Dispose();
    }
}
