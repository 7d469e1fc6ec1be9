using System.Collections.Immutable;

namespace Titer.Tournament.Tuning;

/// <summary>What a setting must keep of the undefended model.</summary>
/// <param name="Name"><c>utility</c> (stability: utility at t = 0) or <c>trainability</c>, both as a part of the undefended subject's.</param>
/// <param name="Least">Below this the setting does not count, whatever it holds.</param>
public sealed record TuningGuard(string Name, double Least)
{
    public const string Utility = "utility";
    public const string Trainability = "trainability";

    public static IReadOnlyList<string> Names { get; } = [Utility, Trainability];
}

/// <summary>
/// A search of a defense's options on two levels: every setting is met by attackers who search in
/// turn, and only counts while it keeps what the guards
/// ask for. The same budget for every setting, the published one first: rows that are tuned by the same means can be put side by side. Pure.
/// </summary>
/// <param name="Defense">The plugin's id.</param>
/// <param name="Space">Options by name.</param>
/// <param name="Tries">Most settings, the published one included.</param>
/// <param name="WorstCells">How many of the cells that fell first are averaged; 1 is the worst case.</param>
public sealed record DefenseTuning(
    string Defense, IReadOnlyList<SearchDimension> Space, int Tries, IReadOnlyList<TuningGuard> Guards, int WorstCells = 1)
{
    /// <summary>The next setting, as options that differ from the defaults; null when the tries are used up or nothing new can be drawn.</summary>
    /// <param name="tried">In the order in which they were played.</param>
    public ImmutableSortedDictionary<string, string>? Next(IReadOnlyList<TuningTry> tried)
    {
        ArgumentNullException.ThrowIfNull(tried);
        if (tried.Count == 0) return ImmutableSortedDictionary<string, string>.Empty;
        if (tried.Count >= Tries || Best(tried) is not { } best) return null;
        var known = tried.Select(t => Text(t.Options)).ToHashSet();
        var draws = new SearchDraws(["tune", Defense], Tries);
        for (var draw = 0; draw < SearchDraws.MostDraws; draw++)
        {
            var next = Space
                .Select(d => (d.Option, d.Start, Value: draws.Value(d, tried.Count, draw, best.Options.GetValueOrDefault(d.Option, d.Start))))
                .Where(o => o.Value != o.Start).ToImmutableSortedDictionary(o => o.Option, o => o.Value);
            if (!known.Contains(Text(next))) return next;
        }

        return null;
    }

    /// <summary>
    /// The setting that held longest of those that keep the guards. Without any, the one that misses them least: there the search goes on. Null when
    /// none could be scored.
    /// </summary>
    public static TuningTry? Best(IEnumerable<TuningTry> tried) => tried.Where(t => t.Failure is null)
        .OrderBy(t => t.Shortfall).ThenByDescending(t => t.HeldSteps).ThenBy(t => t.Harm).ThenBy(t => t.Number).FirstOrDefault();

    private static string Text(ImmutableSortedDictionary<string, string> options) =>
        string.Join('\u001f', options.Select(o => $"{o.Key}={o.Value}"));
}
