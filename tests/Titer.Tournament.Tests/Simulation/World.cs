namespace Titer.Tournament.Tests.Simulation;

/// <summary>How defended models differ.</summary>
internal sealed record World(string Name, double SeedSpread, double AttackSpread, double? Failure = null, bool FailsByAttack = false,
    double DomainGap = 1)
{
    public const double Phi = 0.2;

    public static World[] Graded { get; } = [new("graded, spread 0.3", 0.3, 0.2), new("graded, spread 0.6", 0.6, 0.3),
        new("graded, domains alike", 0.6, 0.3, DomainGap: 0)];

    public static World[] Bimodal { get; } =
    [
        new("one model in five fails", 0, 0, 0.2), new("three models in ten fail", 0, 0, 0.3), new("two models in five fail", 0, 0, 0.4),
        new("four models in five fail", 0, 0, 0.8), new("three attacks in ten succeed", 0, 0, 0.3, FailsByAttack: true),
    ];

    public static World[] All { get; } = [.. Graded, .. Bimodal];

    /// <summary>An undefended subject, a defense of the world's kind, and one in between.</summary>
    public SimulatedTournament Tournament(int seed, int seeds, int attackSeeds) => new(seed)
    {
        Seeds = seeds,
        AttackSeeds = attackSeeds,
        SeedSpread = Failure is null ? SeedSpread : 0.3,
        AttackSpread = Failure is null ? AttackSpread : 0.2,
        FailsByAttack = FailsByAttack,
        DomainGap = DomainGap,
        Plateau = 0.85,
        Resistance = new Dictionary<string, double> { ["no_defense"] = 3, ["middling"] = 5, ["tested"] = 6.5 },
        Failure = Failure is { } failure ? new Dictionary<string, double> { ["tested"] = failure } : new Dictionary<string, double>(),
    };

    /// <summary>The same defense five times.</summary>
    public SimulatedTournament Alike(int seed, int seeds, int attackSeeds)
    {
        string[] names = ["no_defense", "a", "b", "c", "d"];
        return new(seed)
        {
            Seeds = seeds,
            AttackSeeds = attackSeeds,
            SeedSpread = SeedSpread,
            AttackSpread = AttackSpread,
            FailsByAttack = FailsByAttack,
            DomainGap = DomainGap,
            Plateau = 0.85,
            Resistance = names.ToDictionary(n => n, _ => 4.0),
            Failure = Failure is { } failure ? names.Skip(1).ToDictionary(n => n, _ => failure) : new Dictionary<string, double>(),
        };
    }
}

/// <summary>How often a tournament of a world says what is true.</summary>
internal sealed class Tally
{
    public int Tournaments { get; private set; }

    public int FalsePasses { get; private set; }

    public int HarmCovered { get; private set; }

    public int TiterCovered { get; private set; }

    public int RankCovered { get; private set; }

    public int FalseClaims { get; private set; }

    /// <summary>Ranks, of <see cref="Tournaments"/> times three.</summary>
    public const int Ranks = 3;

    public static Tally Of(World world, int seeds, int attackSeeds, int tournaments, bool claims = true)
    {
        var tally = new Tally();
        for (var i = 0; i < tournaments; i++)
        {
            var tournament = world.Tournament(10_007 * i + 101 * seeds + attackSeeds, seeds, attackSeeds);
            tally.Take(tournament, tournament.Report(tournament.Spec()));
            if (!claims) continue;
            var alike = world.Alike(20_011 * i + 103 * seeds + attackSeeds, seeds, attackSeeds);
            // Twins of the undefended subject alone would be another world than the bimodal one: it is left out there.
            if (alike.Report(alike.Spec()).Comparisons.Any(
                c => c.IsSignificant && (world.Failure is null || (c.First != "no_defense" && c.Second != "no_defense")))) tally.FalseClaims++;
        }

        return tally;
    }

    private void Take(SimulatedTournament tournament, TournamentReport report)
    {
        Tournaments++;
        var row = report.Rows.Single(r => r.Defense == "tested");
        if (tournament.HarmOf("tested") > World.Phi && row.Resistance.Verdict == Verdict.Pass) FalsePasses++;
        var cell = report.Cells.First(c => c.Defense == "tested" && c.Exposure == Exposure.InDomain);
        if (cell.MaxHarmLow <= tournament.HarmOf("tested") + 1e-9 && tournament.HarmOf("tested") - 1e-9 <= cell.MaxHarmHigh) HarmCovered++;
        var titer = tournament.CostOf("tested", World.Phi) / tournament.CostOf("no_defense", World.Phi);
        if (row.TiterLowEnd <= titer + 1e-9 && titer - 1e-9 <= row.TiterHighEnd) TiterCovered++;
        string[] names = [.. report.Rows.Select(r => r.Defense)];
        RankCovered += report.Rows.Count(
            r => 1 + names.Count(n => tournament.CostOf(n, World.Phi) > tournament.CostOf(r.Defense, World.Phi)) is var rank && rank >= r.RankLow
                && rank <= r.RankHigh);
    }
}
