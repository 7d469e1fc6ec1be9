using System.Globalization;
using System.Text.RegularExpressions;

namespace Titer.Scenarios.Apothecary;

/// <summary>The <c>scenario.yaml</c> of what is built: that of the tier with the seed and the hash that were built.</summary>
internal static partial class ApothecarySettings
{
    public static string Text(ApothecaryTier tier, ulong seed, string weightsSha256)
    {
        using var stream = typeof(ApothecarySettings).Assembly.GetManifestResourceStream($"Titer.Scenarios.Apothecary.{tier.Name}.yaml")!;
        using var reader = new StreamReader(stream);
        var text = Sha256().Replace(reader.ReadToEnd(), weightsSha256);
        return seed == ApothecaryBuilder.Seed ? text : Seed().Replace(Id().Replace(text, "$0-twin"), seed.ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("(?<=^  sha256: )[0-9a-f]{64}", RegexOptions.Multiline)]
    private static partial Regex Sha256();

    [GeneratedRegex("(?<=^data: .*seed: )[0-9]+", RegexOptions.Multiline)]
    private static partial Regex Seed();

    [GeneratedRegex("^id: [a-z-]+", RegexOptions.Multiline)]
    private static partial Regex Id();
}
