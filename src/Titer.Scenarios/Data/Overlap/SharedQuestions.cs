using System.Globalization;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>What two files or parts share. By row of the first, from 1; no text.</summary>
/// <param name="Same">Rows of the first whose question is in the other.</param>
/// <param name="Alike">Rows of it whose question is nearly there.</param>
public sealed record SharedQuestions(string First, string Second, IReadOnlyList<int> Same, IReadOnlyList<int> Alike)
{
    /// <summary>They share something.</summary>
    internal bool IsAny => Same.Count + Alike.Count > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First} and {Second}: {
        Same.Count} questions are in both{RepeatedQuestions.Rows(Same)}; {Alike.Count} nearly so{RepeatedQuestions.Rows(Alike)}");
}
