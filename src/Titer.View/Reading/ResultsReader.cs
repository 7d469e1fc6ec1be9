using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.View.Reading;

/// <summary>
/// Watches one results folder and keeps the newest board of it. The run's own <c>leaderboard.json</c> where it is newer than every result, else the
/// results are folded here, and an older board is shown until they are. Nothing is written, and no phase is started.
/// </summary>
internal sealed class ResultsReader : IAsyncDisposable
{
    private const long MostBoardBytes = 512L << 20;
    private const string OlderBoard = "This is the board as it was last written. What came after it is being read.";

    /// <summary>A fold takes at most this part of the time.</summary>
    private const int FoldsShare = 4;

    private readonly RunFolder _folder;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;
    private readonly string _epoch;
    private readonly TimeSpan _every;
    private readonly TimeProvider _clock;
    private readonly Lock _reading = new();
    private readonly RunActivity _activity = new();
    private readonly LiveFold _fold;
    private FolderStamp _shown;
    private LeagueReading? _league;
    private long _count;
    private long _foldAgainAt;
    private bool _wasAlive;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="path">A results folder, or one of its boards.</param>
    /// <exception cref="FileRefusalException">There is no such folder.</exception>
    public ResultsReader(string path, ResultKey? key, TimeSpan every, TimeProvider clock)
    {
        (_folder, _every, _clock) = (RunFolder.OpenToRead(path, key), every, clock);
        _fold = new LiveFold(_folder);
        _epoch = clock.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
        _watching = Task.Run(WatchAsync);
    }

    public RunFolder Folder => _folder;

    /// <summary>The newest board.</summary>
    public BoardSnapshot Board { get; private set; } = BoardSnapshot.Unread;

    /// <summary>Ends when there is something newer than what is there now.</summary>
    public Task News
    {
        get
        {
            lock (_reading) return _news.Task;
        }
    }

    /// <summary>A number that grows whenever board or activity changed.</summary>
    public string Stamp => $"{_epoch}-{Volatile.Read(ref _count).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Reads the activity while nobody changes it.</summary>
    public T Ask<T>(Func<RunActivity, BoardSnapshot, T> question)
    {
        lock (_reading) return question(_activity, Board);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _folder.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                Refresh();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A folder that is moved or mounted again meanwhile; the next look tells.
                Show(Board with { Problem = e.Message });
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A fault of ours. Whoever looks must not take an old board for the newest, and the next results may be read again.
                Show(Board with { Problem = $"{MachineFaultException.HostWorkCode} The results cannot be read: {e.GetType().Name}: {e.Message}" });
            }

            await Task.Delay(_every, _ending.Token);
        }
    }

    private void Refresh()
    {
        var stamp = FolderStamp.Of(_folder);
        var seen = stamp.Seen(_clock.GetUtcNow().UtcDateTime);
        lock (_reading)
        {
            var alive = _activity.Read(_folder) | (_activity.IsAlive() != _wasAlive);
            _wasAlive = _activity.IsAlive();
            if (stamp == _shown && !alive) return;
        }

        var isLeagueNew = stamp.League != _shown.League;
        if (isLeagueNew) _league = LeagueReading.Of(_folder);
        if (stamp.OfBoard == _shown.OfBoard)
        {
            Show(isLeagueNew ? Versioned(Board) : Board with { State = StateOf(Board) });
            _shown = seen;
            return;
        }

        if (!RunFolder.Has(_folder.LockFile)) Show(Versioned(BoardSnapshot.Unread));
        // A league's host folds after every phase, and is a moment behind at the most: nobody need fold beside it.
        else if ((stamp.IsBoardCurrent || (_league is not null && _wasAlive)) && ReadBoard() is { } document) ShowWritten(document);
        else if (Stopwatch.GetTimestamp() < _foldAgainAt) return;
        else if (Board.Document.IsEmpty && ReadBoard() is { } older)
        {
            // A large folder takes long to fold; the next look does.
            ShowWritten(older, OlderBoard);
            return;
        }
        else ShowFolded();
        _shown = seen;
    }

    private void ShowWritten(byte[] document, params string[] notices)
    {
        var phases = _folder.StoredPhases().Count;
        Show(Versioned(new BoardSnapshot("", RunState.Finished, document, false, phases, phases, null, notices)));
    }

    private void ShowFolded()
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var board = _fold.Fold(RunRecords.ReadSpec(_folder));
            Show(Versioned(new BoardSnapshot("", RunState.Finished,
                Encoding.UTF8.GetBytes(TournamentJson.Serialize(LeaderboardDocument.From(board.Report))), true, board.Done, board.Total, null,
                _fold.Notices)));
        }
        catch (InvalidDataException e)
        {
            Show(Versioned(BoardSnapshot.Unread with { State = RunState.Damaged, Problem = e.Message }));
        }
        finally
        {
            _foldAgainAt = Stopwatch.GetTimestamp() + (FoldsShare * (Stopwatch.GetTimestamp() - started));
        }
    }

    /// <summary>The run's own board; null when it is torn or something else.</summary>
    private byte[]? ReadBoard()
    {
        try
        {
            var bytes = RegularFile.ReadAllBytes(_folder.LeaderboardFile, MostBoardBytes);
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.TryGetProperty("leaderboard", out var rows) && rows.ValueKind == JsonValueKind.Array ? bytes : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private RunState StateOf(BoardSnapshot board) => board.State is RunState.Damaged || board.Document.IsEmpty && !_wasAlive ? board.State
        : _wasAlive ? RunState.Running
        : board.IsProvisional ? RunState.Stopped
        : RunState.Finished;

    private BoardSnapshot Versioned(BoardSnapshot board)
    {
        var numbered = board.With(_league) with { Version = $"{_epoch}-{(_count + 1).ToString(CultureInfo.InvariantCulture)}" };
        return numbered with { State = StateOf(numbered) };
    }

    private void Show(BoardSnapshot board)
    {
        TaskCompletionSource told;
        lock (_reading)
        {
            Board = board;
            Volatile.Write(ref _count, _count + 1);
            (told, _news) = (_news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        told.SetResult();
    }
}
