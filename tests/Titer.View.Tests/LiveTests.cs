using System.Text.Json;
using Titer.View.Hosting;
using Titer.View.Reading;

namespace Titer.View.Tests;

/// <summary>A folder that is being played: the page says what is there, and says when there is more.</summary>
public sealed class LiveTests : IDisposable
{
    private readonly SyntheticRun _run = new();

    [Fact]
    public async Task A_board_is_folded_of_what_is_there_and_marked_provisional()
    {
        _run.Play(40);
        await using var page = await OpenPage.Of(_run.Path);
        using var board = await Board(page, b => b.GetProperty("board").ValueKind == JsonValueKind.Object);
        Assert.True(board.RootElement.GetProperty("provisional").GetBoolean());
        Assert.All(board.RootElement.GetProperty("notices").EnumerateArray(), notice => Assert.StartsWith("TITER237 ", notice.GetString()));
        Assert.Equal(40, board.RootElement.GetProperty("done").GetInt32());
        Assert.True(board.RootElement.GetProperty("folded").GetBoolean());
        Assert.Equal("stopped", board.RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task An_open_page_is_told_of_every_change_and_ends_with_the_runs_own_board()
    {
        await using var page = await OpenPage.Of(_run.Path);
        using var stream = await page.Client.GetStreamAsync(new Uri(page.Host.Address, "api/events"), TestContext.Current.CancellationToken);
        using var events = new StreamReader(stream);
        Assert.True(await Told(events));
        _run.Play(30);
        Assert.True(await Told(events));
        using (var half = await Board(page, b => b.GetProperty("done").GetInt32() == 30))
            Assert.True(half.RootElement.GetProperty("provisional").GetBoolean());
        var rest = _run.Play();
        _run.WriteBoard();
        Assert.True(await Told(events));
        using var whole = await Board(page, b => !b.GetProperty("folded").GetBoolean());
        Assert.Equal(30 + rest, whole.RootElement.GetProperty("done").GetInt32());
        Assert.Equal("finished", whole.RootElement.GetProperty("state").GetString());
        Assert.Equal(File.ReadAllText(Path.Combine(_run.Path, "leaderboard.json")).Trim(), whole.RootElement.GetProperty("board").GetRawText());
    }

    [Fact]
    public async Task A_fold_here_is_the_fold_of_the_run()
    {
        _run.Play();
        await using var page = await OpenPage.Of(_run.Path);
        using var folded = await Board(page, b => b.GetProperty("board").ValueKind == JsonValueKind.Object);
        Assert.True(folded.RootElement.GetProperty("folded").GetBoolean());
        _run.WriteBoard();
        Assert.Equal(File.ReadAllText(Path.Combine(_run.Path, "leaderboard.json")).Trim(), folded.RootElement.GetProperty("board").GetRawText());
    }

    [Fact]
    public async Task A_board_that_is_older_than_results_is_shown_until_they_are_folded()
    {
        _run.Play(30);
        _run.WriteBoard();
        File.SetLastWriteTimeUtc(Path.Combine(_run.Path, "leaderboard.json"), DateTime.UtcNow.AddMinutes(-1));
        _run.Play(10);

        await using (var slow = new ResultsReader(_run.Path, null, TimeSpan.FromHours(1), TimeProvider.System))
        {
            await Wait.UntilAsync(() => !slow.Board.Document.IsEmpty, "a board");
            Assert.False(slow.Board.IsFolded);
            Assert.Equal("This is the board as it was last written. What came after it is being read.", Assert.Single(slow.Board.Notices));
        }

        await using var page = await OpenPage.Of(_run.Path);
        using var folded = await Board(page, b => b.GetProperty("folded").GetBoolean());
        Assert.Equal(40, folded.RootElement.GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task A_page_that_was_open_goes_on_when_the_program_is_started_again()
    {
        _run.Play(10);
        var token = PageToken.New();
        var first = await OpenPage.Of(new PageOptions([_run.Path]) { Token = token, Port = 0 });
        var port = first.Host.Address.Port;
        using var before = await Board(first, b => b.GetProperty("done").GetInt32() == 10);
        await first.DisposeAsync();
        _run.Play(10);
        await using var second = await OpenPage.Of(new PageOptions([_run.Path]) { Token = token, Port = port });
        using var after = await Board(second, b => b.GetProperty("done").GetInt32() == 20);
        // What the page compares: it must not take the new board for the one that it has.
        Assert.NotEqual(before.RootElement.GetProperty("version").GetString(), after.RootElement.GetProperty("version").GetString());
    }

    [Fact]
    public async Task A_folder_in_which_nobody_has_begun_is_empty_and_not_an_error()
    {
        using var empty = new SyntheticRun();
        File.Delete(Path.Combine(empty.Path, "run.lock.json"));
        await using var page = await OpenPage.Of(empty.Path);
        using var board = await Board(page, _ => true);
        Assert.Equal("empty", board.RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_lock_file_that_is_damaged_is_said_and_its_repair_seen()
    {
        _run.Play(5);
        var file = Path.Combine(_run.Path, "run.lock.json");
        var whole = File.ReadAllText(file);
        File.WriteAllText(file, whole[..200]);
        await using var page = await OpenPage.Of(_run.Path);
        using (var damaged = await Board(page, b => b.GetProperty("state").GetString() == "damaged"))
            Assert.StartsWith("TITER611 ", damaged.RootElement.GetProperty("problem").GetString());
        File.WriteAllText(file, whole);
        using var mended = await Board(page, b => b.GetProperty("board").ValueKind == JsonValueKind.Object);
        Assert.Equal(5, mended.RootElement.GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task A_cell_has_the_runs_that_the_crosstable_counts()
    {
        _run.Play();
        _run.WriteBoard();
        await using var page = await OpenPage.Of(_run.Path);
        using var board = await Board(page, b => b.GetProperty("board").ValueKind == JsonValueKind.Object);
        foreach (var outcome in board.RootElement.GetProperty("board").GetProperty("crosstable").EnumerateArray())
        {
            string Of(string name) => Uri.EscapeDataString(outcome.GetProperty(name).GetString()!);
            using var json = JsonDocument.Parse(await page.Get($"api/cell?defense={Of("defense")}&attack={Of("attack")}&exposure={Of("exposure")}"));
            var cell = json.RootElement.GetProperty("cell");
            var counted = cell.GetProperty("runs").EnumerateArray().Where(r => r.GetProperty("counts").GetBoolean()).ToArray();
            Assert.Equal(outcome.GetProperty("runs").GetInt32(), counted.Length);
            Assert.Equal(outcome.GetProperty("runs_broken").GetInt32(), counted.Count(r => r.GetProperty("end").GetString() == "broken"));
            if (counted.Length == 0) continue;
            Assert.Equal(counted.Select(r => r.GetProperty("phase_id").GetString()).Order(),
                outcome.GetProperty("phases").EnumerateArray().Select(p => p.GetString()).Order());
            // The highest point of the mean curve is no higher than the mean of the highest points.
            var highest = cell.GetProperty("harm").EnumerateArray().Max(p => p.GetProperty("mean").GetDouble());
            Assert.InRange(highest, 0, counted.Average(r => r.GetProperty("harm").EnumerateArray().Max(h => h.GetDouble())) + 1e-6);
        }
    }

    public void Dispose() => _run.Dispose();

    /// <summary>
    /// The board as soon as it is as it should be. A reader folds for a fifth of its time at the most: where the first fold took seconds, on a
    /// machine with much to do, the next one is due half a minute later.
    /// </summary>
    private static async Task<JsonDocument> Board(OpenPage page, Func<JsonElement, bool> isThat)
    {
        var until = DateTime.UtcNow.AddMinutes(3);
        while (true)
        {
            var board = JsonDocument.Parse(await page.Get("api/board"));
            if (isThat(board.RootElement) && board.RootElement.GetProperty("version").GetString() != "") return board;
            Assert.True(DateTime.UtcNow < until,
                $"The board has not come: {board.RootElement.GetProperty("state")}, {board.RootElement.GetProperty("done")}");
            board.Dispose();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Reads to the next event.</summary>
    private static async Task<bool> Told(StreamReader events)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (await events.ReadLineAsync(patience.Token) is { } line) if (line.StartsWith("data: ", StringComparison.Ordinal)) return true;
        return false;
    }
}
