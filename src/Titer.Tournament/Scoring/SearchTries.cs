using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titer.Tournament.Scoring;

/// <summary>
/// The next try of a search, from what the tries before it came to. The first is the attack's own setting. Half of the others explore: rates in
/// equal parts of the range's logarithm, in a drawn order, other options at random. The rest stay near the best so far, and nearer with every try.
/// Draws are hashes of the attack and the number of the try: every defense meets the same exploration, and a resumed run the same search. Tries are
/// screened on the first defended model, and end where the best so far was broken beyond doubt: after that they have lost.
/// </summary>
internal static class SearchTries
{
    private const string LearningRate = "learning_rate";

    /// <summary>Decades either way in which the first try near the best is looked for.</summary>
    private const double FirstReach = 0.5;

    /// <summary>Of the reach, with every further try.</summary>
    private const double Narrowing = 0.7;

    /// <summary>How often a choice near the best is drawn anew.</summary>
    private const double Change = 0.3;

    /// <summary>Settings that were tried are drawn again; a small space runs out.</summary>
    private const int MostDraws = 20;

    /// <summary>The next try of every search that has one.</summary>
    /// <param name="only">One attacker on one defense; null looks at all.</param>
    public static IEnumerable<(Entrant Defense, Entrant Try, Exposure Exposure, AttackFamily Family, int? LastStep)> Of(
        PlayedCells played, AttackerKey? only) =>
        from attacker in played.Roster.Attackers(only)
        let defense = attacker.Defense
        let family = attacker.Family
        let exposure = attacker.Exposure
        where family.Search is not null
        where played.IsOver(defense.Label, family, exposure)
        let next = Next(played, defense.Label, family, exposure)
        where next is not null
        select (defense, next, exposure, family, LastStep(played.Best(defense.Label, family, exposure)));

    /// <summary>The attack as it is entered, with the searched options in its label.</summary>
    public static Entrant First(Entrant attack) => At(attack, [.. attack.Search!.Space.Select(d => d.Start)]) with { Options = attack.Options };

    /// <summary>Where the best so far was broken beyond doubt; who is not by then has lost.</summary>
    private static int? LastStep(RunGroup? best) => best?.Runs[0] is { ConfirmedIndex: > 0 and var index } run ? run.Points[index].Step : null;

    private static Entrant? Next(PlayedCells played, string defense, AttackFamily family, Exposure exposure)
    {
        var (search, attack, tries) = (family.Search!, family.Tries[0], played.Tries(defense, family, exposure));
        if (tries.Count >= search.Tries || tries.Count == 0) return null;
        // Nothing was played: the plugin fails, or was set aside.
        if (played.Winner(defense, family, exposure) is not { } best) return null;
        var known = tries.Select(t => t.Label).ToHashSet();
        for (var draw = 0; draw < MostDraws; draw++)
        {
            var next = At(attack, [.. search.Space.Select(d => Value(d, attack, tries.Count, draw, ValueOf(d, best)))]);
            if (!known.Contains(next.Label)) return next;
        }

        return null;

        string ValueOf(SearchDimension dimension, Entrant entrant) =>
            entrant.Label == First(attack).Label ? dimension.Start : entrant.Options[dimension.Option];
    }

    private static string Value(SearchDimension dimension, Entrant attack, int number, int draw, string best)
    {
        var exploring = Exploring(attack.Search!.Tries);
        var (first, second) = (Uniform(attack, dimension.Option, number, draw, "first"), Uniform(attack, dimension.Option, number, draw, "second"));
        if (dimension.From is null)
            return number > exploring && first >= Change ? best : dimension.Values[(int)(second * dimension.Values.Count)];
        var (from, to) = (Logarithm(dimension.From), Logarithm(dimension.To!));
        var at = number <= exploring
            ? from + (Part(attack, dimension.Option, number, exploring) + first) * (to - from) / exploring
            : Logarithm(best) + (2 * first - 1) * FirstReach * Math.Pow(Narrowing, number - exploring - 1);
        return Text(dimension, Math.Pow(10, Math.Clamp(at, from, to)));
    }

    private static double Logarithm(string number) => Math.Log10(double.Parse(number, CultureInfo.InvariantCulture));

    /// <summary>Tries that explore, beside the first.</summary>
    private static int Exploring(int tries) => tries / 2;

    /// <summary>Which part of the range a try explores: every part once, in a drawn order.</summary>
    private static int Part(Entrant attack, string option, int number, int parts) =>
        Enumerable.Range(0, parts).OrderBy(p => Uniform(attack, option, p, 0, "order")).ElementAt(number - 1);

    private static string Text(SearchDimension dimension, double value) => dimension.IsWhole
        ? Math.Round(value).ToString("R", CultureInfo.InvariantCulture)
        // Two digits: a rate that people can read and set themselves.
        : double.Parse(value.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);

    private static Entrant At(Entrant attack, string[] values)
    {
        var options = attack.Options;
        for (var i = 0; i < values.Length; i++) options = options.SetItem(attack.Search!.Space[i].Option, values[i]);
        var setting = string.Join(' ', attack.Search!.Space.Select((d, i) => $"{d.Option}={values[i]}"));
        return attack with
        {
            Label = $"{attack.Family}({setting})",
            Family = attack.Family,
            Options = options,
            Search = null,
            LearningRate = options.TryGetValue(LearningRate, out var rate) ? double.Parse(rate, CultureInfo.InvariantCulture) : attack.LearningRate,
        };
    }

    /// <summary>A number in [0, 1) from the names alone.</summary>
    private static double Uniform(Entrant attack, string option, int number, int draw, string purpose)
    {
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        var name = string.Join('\u001e', "search", attack.Id, attack.Family, option, Text(number), Text(draw), purpose);
        return (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) >> 11) * Math.Pow(2, -53);
    }
}
