using Spectre.Console;
using Spectre.Console.Rendering;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>The author's loop, drawn in place: the phase under way with its loss, and the verdict beside that of the build
/// before. What happened to builds scrolls by above it.</summary>
internal sealed class LivePlay : IPlayView
{
    /// <summary>Room for a stack and what was said around it.</summary>
    private const int NewsLines = 22;
    private const int SparklineColumns = 40;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(150);
    private readonly PlayScore _score;
    private readonly Lock _state = new();
    private readonly Queue<string> _news = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _drawing;

    public LivePlay(IAnsiConsole console, PlayScore score)
    {
        _score = score;
        _news.Enqueue("starting ...");
        _drawing = Task.Run(() => DrawAsync(console));
    }

    public void Show(WireMessage message)
    {
        lock (_state)
        {
            _score.Take(message);
            // What failed stays to be read; the rest is in the picture.
            if (message is ResultMessage { Result.Status: PhaseStatus.Done } or MatchEndMessage { Completed: true }) return;
            foreach (var line in PlayLines.Of(message, _score)) Say(line);
        }
    }

    public void Died(string reason)
    {
        lock (_state) Say(reason);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private void Say(string line)
    {
        _news.Enqueue(line);
        while (_news.Count > NewsLines) _news.Dequeue();
    }

    private Task DrawAsync(IAnsiConsole console) => console.Live(Frame()).AutoClear(false).StartAsync(async live =>
    {
        while (!_ended.IsCancellationRequested)
        {
            live.UpdateTarget(Frame());
            live.Refresh();
            await Task.Delay(Refresh, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        live.UpdateTarget(Frame());
        live.Refresh();
    });

    private Rows Frame()
    {
        lock (_state)
        {
            var rows = new List<IRenderable>();
            rows.AddRange(
                _news.Select(line => new Text(line, new Style(line.Contains("TITER", StringComparison.Ordinal) ? Color.Red : Color.Grey))));
            rows.Add(new Rule(_score.Build is { } build
                ? $"{build.Kind} {Markup.Escape(build.Id)}, build {build.Number}"
                : "waiting for a build") { Justification = Justify.Left });
            rows.Add(Now());
            if (PlayScore.RowOf(_score.Report ?? _score.Previous, _score.Build) is { } row) rows.Add(Conditions(row));
            rows.AddRange(_score.Cells().Select(Curve));
            rows.Add(new Text("Ctrl-C ends.", new Style(Color.Grey)));
            return new Rows(rows);
        }
    }

    private Text Now()
    {
        if (_score.Phase is not { } phase)
            return new Text(_score.Report is null
                ? ""
                : FormattableString.Invariant($"played in {_score.MatchSeconds:0.0} s; watching for the next build"), new Style(Color.Green));
        var progress = _score.Progress;
        var loss = progress?.Loss is { } value
            ? FormattableString.Invariant($"  loss {value:0.000} ") + PlayScore.Sparkline([.. _score.Losses.TakeLast(SparklineColumns)])
            : "";
        var harm = progress?.Harm is { } harmful ? FormattableString.Invariant($"  harm {harmful:0.00}") : "";
        return new Text($"{phase.Title}{(progress?.Step > 0 ? $"  step {progress.Step}" : "")}{loss}{harm}");
    }

    private Table Conditions(LeaderboardRow row)
    {
        var isOld = _score.Report is null;
        var before = isOld ? null : PlayScore.RowOf(_score.Previous, _score.Build);
        var table = new Table().Border(TableBorder.Simple).AddColumns(isOld ? "build before" : "condition", "verdict", "now", "change");
        table.AddRow("titer", "", row.Titer, before is null || before.Titer == row.Titer ? "" : $"was {before.Titer}");
        foreach (var (name, condition) in row.Conditions)
        {
            var was = before is null ? (double?)null : before.Conditions.First(c => c.Name == name).Report.Estimate;
            table.AddRow(new Text(name), new Text(condition.Word,
                new Style(condition.Verdict switch { Verdict.Pass or Verdict.Held => Color.Green, Verdict.Fail => Color.Red, _ => Color.Yellow })),
                new Text(PlayScore.Score(condition.Estimate)), new Text(PlayScore.Difference(condition.Estimate, was)));
        }

        return table;
    }

    private Text Curve(CellOutcome cell)
    {
        var curve = _score.Curve(cell);
        var where = cell.Exposure switch { Exposure.InDomain => "in-domain", Exposure.CrossDomain => "cross-domain", _ => "all domains" };
        return new Text(cell.Reason is { } reason && curve.Count == 0
            ? $"{cell.Defense} by {cell.Attack}: {cell.Code} {reason}"
            : FormattableString.Invariant(
                $"harm {PlayScore.Sparkline([.. curve.Select(c => c.Harm)], 0, 1)} to {
                    (curve.Count > 0 ? curve[^1].Harm : double.NaN):0.00} at step {(curve.Count > 0 ? curve[^1].Step : 0)}: {cell.Defense} by {
                        cell.Attack}, {where}"));
    }
}
