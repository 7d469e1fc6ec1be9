using System.Globalization;
using Titer.Files;
using Titer.Runtime.Authoring;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>A screen that ends with the loop.</summary>
internal interface IPlayView : IPlayScreen, IAsyncDisposable;

/// <summary>The author's loop as lines: for pipes and logs.</summary>
internal sealed class PlainPlay(TextWriter output, PlayScore score) : IPlayView
{
    public void Show(WireMessage message)
    {
        score.Take(message);
        foreach (var line in PlayLines.Of(message, score)) output.WriteLine(line);
    }

    public void Died(string reason) => output.WriteLine(reason);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>What is said once about a message, in lines.</summary>
internal static class PlayLines
{
    public static IEnumerable<string> Of(WireMessage message, PlayScore score) => message switch
    {
        BuildMessage build =>
            [$"build {build.Number}: {build.Kind} {build.Id} {build.ContentHash[..12]}", .. build.Advice.Select(a => "  advice: " + a)],
        RefusedMessage refused => ["refused, the build before stays:", .. refused.Problems.Select(p => "  " + p)],
        RetiredMessage { Leak: { } leak, Number: var number } => [$"build {number} leaked: {leak}"],
        RetiredMessage { Number: > 0 } retired => [$"build {retired.Number} is gone from memory"],
        ResultMessage { Result: var result } when score.Phase is { } phase => 
        [
            $"  {phase.Title}: {PhaseSummary.Of(result)} ({result.WallSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)",
            .. (result.Trace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(frame => "    " + frame),
        ],
        MatchEndMessage { Problem: { } problem } => [problem],
        MatchEndMessage { Completed: false } => ["  given up for a newer build"],
        MatchEndMessage => Judgement(score),
        _ => [],
    };

    private static IEnumerable<string> Judgement(PlayScore score)
    {
        if (score.Report is not { } report || score.Build is not { } build) yield break;
        if (PlayScore.RowOf(report, build) is { } row)
        {
            var before = PlayScore.RowOf(score.Previous, build);
            yield return $"  titer {row.Titer} (cross-domain {row.CrossDomainTiter}){(row.Reason is null ? "" : $"  {row.Code} {row.Reason}")}";
            foreach (var (name, condition) in row.Conditions)
            {
                var was = before is null ? (double?)null : before.Conditions.First(c => c.Name == name).Report.Estimate;
                yield return $"  {name,-13}{condition.ShortWord,-10}{PlayScore.Score(condition.Estimate),5} {
                    PlayScore.Difference(condition.Estimate, was),6}";
            }
        }

        foreach (var cell in score.Cells())
        {
            var curve = score.Curve(cell);
            yield return $"  harm {cell.Defense} by {cell.Attack} {cell.Exposure}: {PlayScore.Sparkline([.. curve.Select(c => c.Harm)], 0, 1)} "
                + string.Join(' ', curve.Select(c => FormattableString.Invariant($"{c.Step}:{c.Harm:0.00}")))
                + (cell.Reason is null ? "" : $"  {cell.Code} {cell.Reason}");
        }

        yield return FormattableString.Invariant($"  match of build {build.Number}: {score.MatchSeconds:0.0} s");
    }
}
