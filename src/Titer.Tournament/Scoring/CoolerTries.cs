using System.Globalization;

namespace Titer.Tournament.Scoring;

/// <summary>
/// An attack that ruins every model and gets nothing harmful has measured nothing: its rate was too hot for this defense. The attacker tries again
/// at a third, a tenth, ... of it, until a try says something; every try is charged. Not chosen for
/// its strength, so not played again on fresh streams.
/// </summary>
internal static class CoolerTries
{
    private const string Option = "learning_rate";
    private static readonly IReadOnlyList<double> Parts = [3, 10, 30, 100];

    /// <summary>The next try of every attacker that needs one.</summary>
    /// <param name="only">One attacker on one defense; null looks at all.</param>
    public static IEnumerable<(Entrant Defense, AttackFamily Family, Exposure Exposure, Entrant Try)> Of(PlayedCells played, AttackerKey? only) =>
        from attacker in played.Roster.Attackers(only)
        // A search goes to cooler rates by itself.
        where attacker.Family.Search is null
        let next = Next(played, attacker.Defense.Label, attacker.Family, attacker.Exposure)
        where next is not null
        select (attacker.Defense, attacker.Family, attacker.Exposure, next);

    private static Entrant? Next(PlayedCells played, string defense, AttackFamily family, Exposure exposure)
    {
        // A rate of 0 is the plugin's own choice: a third of it is the same try again.
        if (family.Tries.Where(t => t.LearningRate > 0).MinBy(t => t.LearningRate) is not { LearningRate: { } rate } coolest) return null;
        var tries = played.Tries(defense, family, exposure);
        var cooler = tries.Count - family.Tries.Count;
        if (cooler >= Parts.Count || !played.IsOver(defense, family, exposure)) return null;
        RunGroup[] groups = [.. tries.Select(t => played.Group(new Meeting(defense, t.Label, exposure))).OfType<RunGroup>()];
        // A model that the defense itself ruined is not the attacker's doing: no rate would tell more.
        return groups.Length == tries.Count && groups.All(g => g.IsWrecked) && groups[0].WasSound ? At(coolest, family, rate / Parts[cooler]) : null;
    }

    private static Entrant At(Entrant attack, AttackFamily family, double rate)
    {
        // Two digits: a rate that people can read and set themselves.
        rate = double.Parse(rate.ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var text = rate.ToString("R", CultureInfo.InvariantCulture);
        return attack with { Label = $"{family.Label}[{Option}={text}]", Family = family.Label, Options = attack.Options.SetItem(Option, text),
            LearningRate = rate };
    }
}
