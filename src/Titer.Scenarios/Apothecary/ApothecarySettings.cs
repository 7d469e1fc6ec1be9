using System.Globalization;
using System.Text.RegularExpressions;

namespace Titer.Scenarios.Apothecary;

/// <summary>The <c>scenario.yaml</c> of what is built: the embedded one with the seed and the hash that were built.</summary>
internal static partial class ApothecarySettings
{
    public static string Text(ulong seed, string weightsSha256)
    {
        var embedded = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "scenarios", "apothecary", "scenario.yaml"));
        var text = Sha256().Replace(embedded, weightsSha256);
        return seed == ApothecaryBuilder.Seed ? text : Seed().Replace(Id().Replace(text, "$0-twin"), seed.ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("(?<=^  sha256: )[0-9a-f]{64}", RegexOptions.Multiline)]
    private static partial Regex Sha256();

    [GeneratedRegex("(?<=^data: .*seed: )[0-9]+", RegexOptions.Multiline)]
    private static partial Regex Seed();

    [GeneratedRegex("^id: [a-z-]+", RegexOptions.Multiline)]
    private static partial Regex Id();
}
