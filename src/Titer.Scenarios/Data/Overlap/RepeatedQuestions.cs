using System.Globalization;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>What a file or a part repeats in itself. By row, from 1; no text.</summary>
/// <param name="Name">Of the file or the part.</param>
/// <param name="Questions">How many it has.</param>
/// <param name="Same">Rows that ask what an earlier row asks.</param>
/// <param name="Alike">Rows that nearly do.</param>
public sealed record RepeatedQuestions(string Name, int Questions, IReadOnlyList<int> Same, IReadOnlyList<int> Alike)
{
    private const int MostRowsTold = 5;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Questions} questions; {
        Same.Count} ask what an earlier row asks{Rows(Same)}; {Alike.Count} nearly so{Rows(Alike)}");

    internal static string Rows(IReadOnlyList<int> rows) => rows.Count == 0 ? ""
        : $" ({(rows.Count == 1 ? "row" : "rows")} {string.Join(", ", rows.Take(MostRowsTold))}{(rows.Count > MostRowsTold ? ", ..." : "")})";
}
