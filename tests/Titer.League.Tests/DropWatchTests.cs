using Titer.Plugins.Watching;

namespace Titer.League.Tests;

public sealed class DropWatchTests : IDisposable
{
    private readonly HandClock _clock = new();
    private readonly string _root = Directory.CreateTempSubdirectory("titer-drops-").FullName;
    private readonly string _folder;
    private readonly DropWatch _watch;

    public DropWatchTests()
    {
        _folder = Directory.CreateDirectory(Path.Combine(_root, "plugins")).FullName;
        _watch = new DropWatch([_folder], _clock);
    }

    [Fact]
    public void A_folder_is_told_once_when_it_has_come_to_rest()
    {
        var place = Write("a/a.dll", "x");

        Assert.Empty(LookAfter(0));
        Assert.Empty(LookAfter(300));
        Assert.Equal([new Drop(place, DropKind.Folder, MayBeUnfinished: true)], LookAfter(200));
        Assert.Empty(LookAfter(5000));
    }

    [Fact]
    public void A_copy_that_goes_on_is_not_told_and_holds_up_no_other()
    {
        Write("slow/a.dll", "");
        var quick = Write("quick/b.dll", "x");
        LookAfter(0);
        var told = new List<Drop>();
        for (var i = 1; i <= 5; i++)
        {
            Write("slow/a.dll", new string('x', i));
            told.AddRange(LookAfter(300));
        }

        Assert.Equal([quick], told.Select(d => d.Path));
        Assert.Empty(LookAfter(0));
        Assert.Equal("slow", Path.GetFileName(Assert.Single(LookAfter(400)).Path));
    }

    [Fact]
    public void A_file_that_somebody_still_writes_is_not_told_however_long_it_rests()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Open files are read from /proc.");
        Write("a/other.dll", "x");
        using (var stalled = new FileStream(Path.Combine(_folder, "a", "a.dll"), FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            stalled.WriteByte(1);
            stalled.Flush();
            LookAfter(0);
            Assert.Empty(LookAfter(1000));
            Assert.Empty(LookAfter(5000));
        }

        Assert.Single(LookAfter(1000));
    }

    [Fact]
    public void What_looked_unfinished_is_told_again_when_it_has_rested_for_longer()
    {
        Write("a/a.dll", "x");
        LookAfter(0);
        var first = Assert.Single(LookAfter(500));

        _watch.Postpone(first);

        Assert.Empty(LookAfter(1000));
        Assert.Equal(first with { MayBeUnfinished = false }, Assert.Single(LookAfter(1000)));
    }

    [Fact]
    public void A_changed_place_and_one_that_is_gone_are_told()
    {
        var place = Write("a/a.dll", "x");
        LookAfter(0);
        LookAfter(500);

        Write("a/a.dll", "longer");
        LookAfter(0);
        Assert.Equal(DropKind.Folder, Assert.Single(LookAfter(500)).Kind);

        Directory.Delete(place, recursive: true);
        LookAfter(0);
        Assert.Equal(DropKind.Gone, Assert.Single(LookAfter(500)).Kind);
        Assert.Empty(LookAfter(500));
    }

    [Fact]
    public void A_watched_folder_that_goes_away_takes_nothing_with_it()
    {
        Write("a/a.dll", "x");
        LookAfter(0);
        LookAfter(500);

        Directory.Move(_folder, _folder + ".unmounted");
        Assert.Empty(LookAfter(500));
        Assert.Empty(LookAfter(500));

        Directory.Move(_folder + ".unmounted", _folder);
        Assert.Empty(LookAfter(500));
        Assert.Empty(LookAfter(500));
    }

    [Fact]
    public void What_was_there_when_a_host_looked_last_and_is_not_is_told()
    {
        _watch.Expect(Path.Combine(_folder, "gone"));

        LookAfter(0);
        Assert.Equal(new Drop(Path.Combine(_folder, "gone"), DropKind.Gone, MayBeUnfinished: true), Assert.Single(LookAfter(500)));
    }

    [Fact]
    public void Packages_and_loose_assemblies_are_told_as_such_and_scratch_is_passed_over()
    {
        Write("a.1.0.0.nupkg", "x");
        Write("b.dll", "x");
        Write("notes.txt", "x");
        Write(".incoming/c.dll", "x");
        LookAfter(0);

        Assert.Equal([DropKind.Package, DropKind.LooseAssembly], LookAfter(500).Select(d => d.Kind));
    }

    [Fact]
    public async Task A_drop_wakes_the_watch()
    {
        using var watch = new DropWatch([_folder]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var first = FirstAsync(watch, stop.Token);

        Write("a/a.dll", "x");

        Assert.Equal("a", Path.GetFileName((await first)[0].Path));
        await stop.CancelAsync();
    }

    public void Dispose()
    {
        _watch.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static async Task<IReadOnlyList<Drop>> FirstAsync(DropWatch watch, CancellationToken stop)
    {
        await foreach (var drops in watch.DropsAsync(stop)) return drops;
        return [];
    }

    private IReadOnlyList<Drop> LookAfter(int milliseconds)
    {
        _clock.Milliseconds += milliseconds;
        return _watch.Look();
    }

    /// <returns>The place in the watched folder.</returns>
    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return Path.Combine(_folder, name.Split('/')[0]);
    }
}

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class HandClock : TimeProvider
{
    public long Milliseconds { get; set; }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Milliseconds;
}
