using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Results;

/// <summary>Who played what when: appended to, never changed, never needed.</summary>
public sealed class RunJournalTests : IDisposable
{
    private static readonly Phase Phase = new()
    {
        Id = "0123456789abcdef", Kind = PhaseKind.Defend, Seed = 2, RandomSeed = 1,
        Defense = new Entrant { Id = "vaccine", Label = "vaccine", ContentHash = "hash" },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    private string File => Path.Combine(_folder, "journal.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_says_who_played_what_when()
    {
        using var folder = RunFolder.Open(_folder);
        var clock = new Noon();
        var journal = new RunJournal(folder, clock);

        journal.Opened();
        journal.Started(Phase);
        journal.Finished(Phase, Phase.Failed(PhaseStatus.Error, "TITER201", "it threw") with { WallSeconds = 1.5 });
        journal.Lost(Phase, "the disk is full");
        journal.Closed();

        var lines = RunJournal.Read(folder);
        Assert.Equal(
            [JournalEvent.Opened, JournalEvent.Started, JournalEvent.Finished, JournalEvent.Lost, JournalEvent.Closed], lines.Select(l => l.Event));
        Assert.All(lines, l => Assert.Equal((clock.GetUtcNow(), Environment.MachineName, Environment.ProcessId), (l.At, l.Host, l.Pid)));
        Assert.Equal((Phase.Id, "defend vaccine seed 2"), (lines[1].PhaseId, lines[1].Title));
        Assert.Equal((PhaseStatus.Error, "TITER201", 1.5), (lines[2].Status, lines[2].Code, lines[2].WallSeconds));
        Assert.Equal("the disk is full", lines[3].Why);
    }

    [Fact]
    public void A_line_that_was_torn_costs_nothing_but_itself()
    {
        using var folder = RunFolder.Open(_folder);
        new RunJournal(folder, TimeProvider.System).Started(Phase);
        var whole = System.IO.File.ReadAllText(File);
        System.IO.File.AppendAllText(File, whole[..40]);

        new RunJournal(folder, TimeProvider.System).Lost(Phase, "it was stopped");

        Assert.Equal([JournalEvent.Started, JournalEvent.Lost], RunJournal.Read(folder).Select(l => l.Event));
        Assert.StartsWith(whole, System.IO.File.ReadAllText(File), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_one_has_no_lines_and_one_that_cannot_be_written_stops_nothing()
    {
        using var folder = RunFolder.Open(_folder);
        Assert.Empty(RunJournal.Read(folder));
        Directory.CreateDirectory(File);

        new RunJournal(folder, TimeProvider.System).Opened();

        Assert.Empty(Directory.GetFileSystemEntries(File));
    }

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    }
}
