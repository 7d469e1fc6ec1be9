using System.Text;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.View.Reading;

namespace Titer.View.Exports;

/// <summary>A run as it is taken away: its report, folded from the stored results, and the curves behind every cell.</summary>
/// <param name="Name">Of the folder, for people.</param>
/// <param name="Notices">What was found damaged, and results that this host did not seal.</param>
internal sealed record KeptRun(string Name, TournamentReport Report, CurveReading Curves, int Done, int Total, IReadOnlyList<string> Notices)
{
    /// <exception cref="Files.FileRefusalException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It is no results folder.</exception>
    public static KeptRun Read(string path, ResultKey? key)
    {
        using var folder = RunFolder.OpenToRead(path, key);
        var fold = new LiveFold(folder);
        var (report, plan, results) = fold.Fold(RunRecords.ReadSpec(folder));
        var done = plan.WithRefusals(results).Count;
        return new KeptRun(Path.GetFileName(folder.BoardPath), report, new CurveReading(report.Spec, plan, results), done,
            Math.Max(done, plan.Phases.DistinctBy(p => p.Id).Count()), fold.Notices);
    }

    /// <summary>As the page asks for it.</summary>
    public byte[] Board()
    {
        var document = Encoding.UTF8.GetBytes(TournamentJson.Serialize(LeaderboardDocument.From(Report)));
        var state = Done < Total ? RunState.Stopped : RunState.Finished;
        return BoardJson.Of(new BoardSnapshot("kept", state, document, true, Done, Total, null, Notices), Name);
    }

    /// <summary>Every cell as the page asks for it, without the undefended one, which is a cell of its own.</summary>
    public IEnumerable<(AttackerKey Key, byte[] Json)> Cells() => Curves.Keys.Select(key => (key, BoardJson.Write(json =>
    {
        json.WritePropertyName("cell");
        json.WriteRawValue(Encoding.UTF8.GetBytes(TournamentJson.Serialize(Curves.Of(key))));
        BoardJson.Strings(json, "notices", []);
    })));
}
