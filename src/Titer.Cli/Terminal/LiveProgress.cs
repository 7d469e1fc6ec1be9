using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>A table of the running lanes under a bar with the time left, redrawn in place. Failures scroll by above it.</summary>
internal sealed class LiveProgress(RunTally tally) : IRunObserver, IAsyncDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private readonly Lock _state = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _drawing = Task.CompletedTask;

    public void Begin(IAnsiConsole console) => _drawing = Task.Run(() => DrawAsync(console));

    public void Added(IReadOnlyList<Phase> phases)
    {
        lock (_state) tally.Add(phases);
    }

    public void Started(Phase phase)
    {
        lock (_state) tally.Start(phase);
    }

    public void Progressed(Phase phase, PhaseProgress progress)
    {
        lock (_state) tally.Progress(phase, progress);
    }

    public void Finished(Phase phase, PhaseResult result)
    {
        lock (_state) tally.Finish(phase, result);
    }

    public void Lost(Phase phase, string why)
    {
        lock (_state) tally.Lose(phase, why);
    }

    public void Noticed(string notice)
    {
        lock (_state) tally.Notice(notice);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private Task DrawAsync(IAnsiConsole console) => console.Live(Frame()).AutoClear(true).StartAsync(async live =>
    {
        while (!_ended.IsCancellationRequested)
        {
            live.UpdateTarget(Frame());
            live.Refresh();
            await Task.Delay(Refresh, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    private Rows Frame()
    {
        lock (_state)
        {
            var lanes = new Table().Border(TableBorder.None).HideHeaders().AddColumn("phase").AddColumn("stage").AddColumn("step").AddColumn("harm");
            foreach (var (phase, progress) in tally.Running)
            {
                lanes.AddRow(
                    new Text(phase.Title),
                    new Text(progress.Stage.ToString().ToLowerInvariant(), new Style(Color.Grey)),
                    new Text(progress.Step > 0 ? $"step {progress.Step}" : ""),
                    new Text(progress.Harm is { } harm ? string.Create(CultureInfo.InvariantCulture, $"harm {harm:0.00}") : ""));
            }

            return new Rows([Bar(), lanes, .. tally.News.Select(line => new Text(line, new Style(Color.Yellow)))]);
        }
    }

    private Markup Bar()
    {
        const int width = 30;
        var filled = tally.Total == 0 ? width : width * tally.Done / tally.Total;
        var eta = tally.Eta is { } left ? $"about {RunTally.Clock(left)} left" : "estimating";
        var failed = tally.Failed > 0 ? $" [red]{tally.Failed} failed[/]" : "";
        return new Markup(
            $"[green]{new string('━', filled)}[/][grey]{new string('━', width - filled)}[/] {tally.Done}/{tally.Total} phases, {
                RunTally.Clock(tally.Elapsed)} elapsed, {eta}{failed}");
    }
}
