using System.Globalization;

namespace Titer.Tournament.Scoring;

/// <summary>
/// The next try of a search, from what the tries before it came to. The first is the attack's own setting, the others are drawn
/// (<see cref="SearchDraws"/>) from the attack's names: every defense meets the same exploration.
/// Tries are screened on the first defended model, and
/// end where the best so far was broken beyond doubt: after that they have lost.
/// </summary>
internal static class SearchTries
{
    private const string LearningRate = "learning_rate";

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
    private static int? LastStep(RunGroup? best) => best?.Runs[0] is { ConfirmedIndex: > 0 and var index } run ? run.Steps[index] : null;

    private static Entrant? Next(PlayedCells played, string defense, AttackFamily family, Exposure exposure)
    {
        var (search, attack, tries) = (family.Search!, family.Tries[0], played.Tries(defense, family, exposure));
        if (tries.Count >= search.Tries || tries.Count == 0) return null;
        // Nothing was played: the plugin fails, or was set aside.
        if (played.Winner(defense, family, exposure) is not { } best) return null;
        var known = tries.Select(t => t.Label).ToHashSet();
        var draws = new SearchDraws([attack.Id, attack.Family], search.Tries);
        for (var draw = 0; draw < SearchDraws.MostDraws; draw++)
        {
            var next = At(attack, [.. search.Space.Select(d => draws.Value(d, tries.Count, draw, ValueOf(d, best)))]);
            if (!known.Contains(next.Label)) return next;
        }

        return null;

        string ValueOf(SearchDimension dimension, Entrant entrant) =>
            entrant.Label == First(attack).Label ? dimension.Start : entrant.Options[dimension.Option];
    }

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
            IsSearched = true,
            LearningRate = options.TryGetValue(LearningRate, out var rate) ? double.Parse(rate, CultureInfo.InvariantCulture) : attack.LearningRate,
        };
    }
}
