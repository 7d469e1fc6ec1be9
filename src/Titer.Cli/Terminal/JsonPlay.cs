using Titer.Cli.Printed;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>The author's loop as documents, one a line: for scripts.</summary>
internal sealed class JsonPlay(PlayScore score) : IPlayView
{
    public void Show(WireMessage message)
    {
        score.Take(message);
        if (Of(message) is { } document) JsonOutput.WriteLine(document, json => json.PlayDocument);
    }

    public void Died(string reason) => JsonOutput.WriteLine(Document("died", score.Build, [reason]), json => json.PlayDocument);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private PlayDocument? Of(WireMessage message) => message switch
    {
        BuildMessage build => Document("build", build, build.Advice),
        RefusedMessage refused => Document("refused", null, refused.Problems),
        RetiredMessage { Number: > 0 } retired => Document(retired.Leak is null ? "retired" : "leaked", null,
            retired.Leak is null ? [] : [retired.Leak]) with { Build = retired.Number },
        MatchEndMessage end => Document("match", score.Build, end.Problem is null ? [] : [end.Problem]) with { Match = Played(end.Completed) },
        _ => null,
    };

    private static PlayDocument Document(string what, BuildMessage? build, IReadOnlyList<string> problems) =>
        new(what, build?.Number ?? 0, build?.Id, build?.ContentHash, problems, null);

    private PlayedMatch Played(bool isWhole)
    {
        var row = isWhole ? PlayScore.RowOf(score.Report, score.Build) : null;
        return new PlayedMatch(isWhole, isWhole ? score.MatchSeconds : 0, row?.Titer, row?.CrossDomainTiter, row?.Code, row?.Reason,
            [.. (row?.Conditions ?? []).Select(c => new PlayedCondition(c.Name, c.Report.Word, c.Report.Estimate))],
            [.. isWhole ? score.Cells().Select(Of) : []]);
    }

    private PlayedCell Of(CellOutcome cell) => new(cell.Defense, cell.Attack, cell.Exposure.ToString(), cell.Status.ToString().ToLowerInvariant(),
        cell.Code, cell.Reason, [.. score.Curve(cell).Select(point => new HarmAtStep(point.Step, point.Harm))]);
}
