namespace Titer.Tournament.Scoring;

/// <summary>
/// The best try of a sweep was chosen for its luck as well as for its strength, so it plays again on fresh random streams, and costs come from
/// that alone (the winner's curse; src/Titer.Tournament/README.md, "Tries are budget").
/// </summary>
internal static class SweepReruns
{
    /// <summary>The winner of every sweep whose tries are over.</summary>
    /// <param name="only">One attacker on one defense; null looks at all.</param>
    public static IEnumerable<(Entrant Defense, AttackFamily Family, Exposure Exposure, Entrant Winner)> Of(PlayedCells played, AttackerKey? only) =>
        from attacker in played.Roster.Attackers(only)
        let defense = attacker.Defense
        let family = attacker.Family
        let exposure = attacker.Exposure
        where family.IsSweep
        where played.IsOver(defense.Label, family, exposure)
        let winner = played.Winner(defense.Label, family, exposure)
        where winner is not null
        select (defense, family, exposure, winner);
}
