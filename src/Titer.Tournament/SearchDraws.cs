using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Tournament;

/// <summary>
/// What a search of options draws: half of the tries after the first explore (numbers in equal parts of the range's logarithm, in a drawn order,
/// choices at random), the rest stay near the best so far, and nearer with every try. Draws are hashes of who searches and of the number of the try:
/// a resumed search is the same search.
/// </summary>
/// <param name="who">Names of who searches, in an order that does not change.</param>
/// <param name="tries">Most tries, the first included.</param>
internal sealed class SearchDraws(IReadOnlyList<string> who, int tries)
{
    /// <summary>Settings that were tried are drawn again; a small space runs out.</summary>
    public const int MostDraws = 20;

    /// <summary>Decades either way in which the first try near the best is looked for.</summary>
    private const double FirstReach = 0.5;

    /// <summary>Of the reach, with every further try.</summary>
    private const double Narrowing = 0.7;

    /// <summary>How often a choice near the best is drawn anew.</summary>
    private const double Change = 0.3;

    /// <summary>Tries that explore, beside the first.</summary>
    private int Exploring => tries / 2;

    /// <param name="number">Of the try, from 1; the one before the first draw is 0 and draws nothing.</param>
    /// <param name="draw">How many settings of this try were tried before.</param>
    /// <param name="best">The option in the best setting so far, in canonical text.</param>
    public string Value(SearchDimension dimension, int number, int draw, string best)
    {
        var (first, second) = (Uniform(dimension.Option, number, draw, "first"), Uniform(dimension.Option, number, draw, "second"));
        if (dimension.From is null)
            return number > Exploring && first >= Change ? best : dimension.Values[(int)(second * dimension.Values.Count)];
        var (from, to) = (Logarithm(dimension.From), Logarithm(dimension.To!));
        var at = number <= Exploring
            ? from + (Part(dimension.Option, number) + first) * (to - from) / Exploring
            : Logarithm(best) + (2 * first - 1) * FirstReach * Math.Pow(Narrowing, number - Exploring - 1);
        return Text(dimension, Math.Pow(10, Math.Clamp(at, from, to)));
    }

    private static double Logarithm(string number) => Math.Log10(double.Parse(number, CultureInfo.InvariantCulture));

    /// <summary>Which part of the range a try explores: every part once, in a drawn order.</summary>
    private int Part(string option, int number) =>
        Enumerable.Range(0, Exploring).OrderBy(p => Uniform(option, p, 0, "order")).ElementAt(number - 1);

    private static string Text(SearchDimension dimension, double value) => dimension.IsWhole
        ? Math.Round(value).ToString("R", CultureInfo.InvariantCulture)
        // Two digits: a rate that people can read and set themselves.
        : double.Parse(value.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number in [0, 1) from the names alone.</summary>
    private double Uniform(string option, int number, int draw, string purpose)
    {
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        var name = string.Join('\u001e', ["search", .. who, option, Text(number), Text(draw), purpose]);
        return (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) >> 11) * Math.Pow(2, -53);
    }
}
