using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Terminal;

/// <summary>What a play worker said so far, folded: the build, the phase under way, and the reports of this build and the one before.</summary>
internal sealed class PlayScore
{
    private readonly Dictionary<string, PhaseResult> _results = [];
    private readonly List<double> _losses = [];
    private long _matchStarted;

    public BuildMessage? Build { get; private set; }

    public TournamentSpec? Spec { get; private set; }

    public Phase? Phase { get; private set; }

    public PhaseProgress? Progress { get; private set; }

    public IReadOnlyList<double> Losses => _losses;

    public TournamentReport? Report { get; private set; }

    /// <summary>The build before, when it was played to its end.</summary>
    public TournamentReport? Previous { get; private set; }

    /// <summary>Seconds from the build's arrival to the last result.</summary>
    public double MatchSeconds { get; private set; }

    public IReadOnlyDictionary<string, PhaseResult> Results => _results;

    public void Take(WireMessage message)
    {
        switch (message)
        {
            case BuildMessage build:
                (Build, _matchStarted) = (build, TimeProvider.System.GetTimestamp());
                break;
            case MatchMessage { Spec: var spec }:
                if (Report is not null) Previous = Report;
                (Spec, Report, Phase) = (spec, null, null);
                break;
            case PhaseMessage { Phase: var phase }:
                (Phase, Progress) = (phase, null);
                _losses.Clear();
                break;
            case ProgressMessage { Progress: var progress }:
                Progress = progress with { Harm = progress.Harm ?? Progress?.Harm, Loss = progress.Loss ?? Progress?.Loss,
                    Step = Math.Max(progress.Step, Progress?.Step ?? 0) };
                if (progress.Loss is { } loss) _losses.Add(loss);
                break;
            case ResultMessage { Result: var result }:
                _results[result.PhaseId] = result;
                break;
            case MatchEndMessage { Completed: true } when Spec is not null:
                MatchSeconds = TimeProvider.System.GetElapsedTime(_matchStarted).TotalSeconds;
                Report = TournamentFold.Report(Spec, TournamentPlan.From(Spec), _results);
                Phase = null;
                break;
        }
    }

    /// <summary>The row of the plugin under test; null for an attack, or before its match ended.</summary>
    public static LeaderboardRow? RowOf(TournamentReport? report, BuildMessage? build) =>
        report is null || build?.Kind != "defense" ? null : report.Rows.FirstOrDefault(r => r.Defense == build.Id);

    /// <summary>The cells that the plugin under test took part in, baselines of an attack included.</summary>
    public IEnumerable<CellOutcome> Cells() => Report is null || Build is null ? []
        : Report.Cells.Where(c => (Build.Kind == "attack" ? c.Attack : c.Defense) == Build.Id && c.Attack != "no_weight_modification");

    /// <summary>Harmfulness on the worst domain along the steps of a cell's only seed.</summary>
    public IReadOnlyList<(int Step, double Harm)> Curve(CellOutcome cell) => _results.Values
        .Where(r => r.Defense == cell.Defense && r.Attack == cell.Attack && r.Exposure == cell.Exposure && r.Trajectory is not null).TakeLast(1)
        .SelectMany(r => r.Trajectory!.Checkpoints.Select((c, point) => (c.Step, r.Trajectory.HarmAt(point)))).ToArray();

    /// <summary>A curve in block characters, between its own bounds or the given ones.</summary>
    public static string Sparkline(IReadOnlyList<double> values, double? low = null, double? high = null)
    {
        const string blocks = "▁▂▃▄▅▆▇█";
        if (values.Count == 0) return "";
        var (bottom, top) = (low ?? values.Min(), high ?? values.Max());
        var width = top - bottom;
        return string.Concat(
            values.Select(v => blocks[width <= 0 ? 0 : Math.Clamp((int)((v - bottom) / width * (blocks.Length - 1) + 0.5), 0, blocks.Length - 1)]));
    }

    /// <summary><c>+0.12</c>, <c>-0.03</c>, or empty without anything to compare to.</summary>
    public static string Difference(double now, double? before) =>
        before is not { } was || double.IsNaN(was) || double.IsNaN(now)
            ? ""
            : Math.Abs(now - was) < 0.005 ? "=" : FormattableString.Invariant($"{now - was:+0.00;-0.00}");

    public static string Score(double value) => Figures.Score(value);
}
