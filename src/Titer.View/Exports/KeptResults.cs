using System.Globalization;
using System.Text;
using System.Text.Json;
using Titer.Tournament;
using Titer.Tournament.Scoring;
using Titer.View.Reading;

namespace Titer.View.Exports;

/// <summary>What a page carries in itself in place of a program to ask: <c>{ runs, undefended, boards, cells }</c>.</summary>
internal static class KeptResults
{
    /// <param name="board">What stands in place of a board: itself, or the file that has it.</param>
    /// <param name="cell">The same for a cell.</param>
    public static string Json(IReadOnlyList<KeptRun> runs, Func<int, byte[], byte[]> board, Func<int, AttackerKey, byte[], byte[]> cell)
    {
        var kept = BoardJson.Write(json =>
        {
            BoardJson.Strings(json, "runs", runs.Select(r => r.Name));
            BoardJson.Strings(json, "undefended", runs.Select(r => r.Report.Spec.Defenses[0].Label));
            json.WriteStartArray("boards");
            for (var i = 0; i < runs.Count; i++) json.WriteRawValue(board(i, runs[i].Board()));
            json.WriteEndArray();
            json.WriteStartObject("cells");
            for (var i = 0; i < runs.Count; i++)
            {
                foreach (var (key, content) in runs[i].Cells())
                {
                    json.WritePropertyName(Name(i, key));
                    json.WriteRawValue(cell(i, key, content));
                }
            }

            json.WriteEndObject();
        });

        // In markup nothing of it may look like an end.
        return Encoding.UTF8.GetString(kept).Replace("<", "\\u003c", StringComparison.Ordinal);
    }

    /// <summary>As the page makes it.</summary>
    private static string Name(int run, AttackerKey key) => string.Join('\n', run.ToString(CultureInfo.InvariantCulture), key.Defense, key.Attacker,
        JsonNamingPolicy.SnakeCaseLower.ConvertName(key.Exposure.ToString()));
}
