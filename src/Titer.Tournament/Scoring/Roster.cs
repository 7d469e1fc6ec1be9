namespace Titer.Tournament.Scoring;

/// <summary>Who is entered in a tournament, by label.</summary>
internal sealed class Roster
{
    private readonly TournamentSpec _spec;
    private readonly Dictionary<string, Entrant> _defenses;
    private readonly Dictionary<string, AttackFamily> _families;
    private readonly HashSet<string> _tries;

    public Roster(TournamentSpec spec)
    {
        (_spec, Families) = (spec, AttackFamily.Of(spec.Attacks));
        _defenses = spec.Defenses.ToDictionary(d => d.Label);
        _families = Families.ToDictionary(f => f.Label);
        _tries = [.. spec.Attacks.Select(a => a.Label)];
    }

    public IReadOnlyList<AttackFamily> Families { get; }

    public AttackFamily Family(string label) => _families[label];

    /// <summary>Whether a try is one of the tournament file's: cooler ones are not.</summary>
    public bool IsEntered(string tryLabel) => _tries.Contains(tryLabel);

    /// <summary>Attackers on defenses, in the order of the tournament file.</summary>
    /// <param name="only">One of them; null means all.</param>
    public IEnumerable<(Entrant Defense, AttackFamily Family, Exposure Exposure)> Attackers(AttackerKey? only) => only is { } key
        ? [(_defenses[key.Defense], _families[key.Attacker], key.Exposure)]
        : from defense in _spec.Defenses
          from family in Families
          from exposure in family.Exposures
          select (defense, family, exposure);
}
