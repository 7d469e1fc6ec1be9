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
    /// <summary>Null where no league is played.</summary>
    private LeagueReading? League { get; init; }

    /// <exception cref="Files.FileRefusalException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It is no results folder.</exception>
    public static KeptRun Read(string path, ResultKey? key)
    {
        using var folder = RunFolder.OpenToRead(path, key);
        var fold = new LiveFold(folder);
        var board = fold.Fold(RunRecords.ReadSpec(folder));
        return new KeptRun(Path.GetFileName(folder.BoardPath), board.Report, new CurveReading(board.Report.Spec, board.Plan, board.Results),
            board.Done, board.Total, fold.Notices) { League = LeagueReading.Of(folder) };
    }

    /// <summary>As the page asks for it.</summary>
    public byte[] Board()
    {
        var document = Encoding.UTF8.GetBytes(TournamentJson.Serialize(LeaderboardDocument.From(Report)));
        var state = Done < Total ? RunState.Stopped : RunState.Finished;
        return BoardJson.Of(new BoardSnapshot("kept", state, document, true, Done, Total, null, Notices).With(League), Name);
    }

    /// <summary>Every cell as the page asks for it, without the undefended one, which is a cell of its own.</summary>
    public IEnumerable<(AttackerKey Key, byte[] Json)> Cells() => Curves.Keys.Select(key => (key, BoardJson.Write(json =>
    {
        json.WritePropertyName("cell");
        json.WriteRawValue(Encoding.UTF8.GetBytes(TournamentJson.Serialize(Curves.Of(key))));
        BoardJson.Strings(json, "notices", []);
    })));
}
