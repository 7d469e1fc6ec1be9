namespace Titer.Runtime.Seasons;

/// <summary>Bundled defenses that are none: they play in every season, and a board that puts one of
/// them where it does not belong is wrong.</summary>
internal static class SeasonCanaries
{
    /// <summary>Models that are of no use: no gate may let them through.</summary>
    public static IReadOnlyList<string> Useless { get; } = ["refuse_everything", "constant_answer", "collapsed"];

    /// <summary>The undefended function, in other units.</summary>
    public static IReadOnlyList<string> Undefended { get; } = ["rescaled_units"];

    public static IReadOnlyList<string> Ids { get; } = [.. Useless, .. Undefended];
}
