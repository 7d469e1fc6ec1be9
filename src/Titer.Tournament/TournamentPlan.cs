using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Titer.Tournament.Scoring;

namespace Titer.Tournament;

/// <summary>
/// What a tournament plays, as pure data. A phase's id hashes everything that can change its result, so stored results are reused exactly when
/// they still hold; names and thresholds do not enter, they only judge. Random seeds of attack and assess phases do not depend on the defense:
/// every defense meets the same data order, and comparisons are paired.
/// </summary>
public sealed record TournamentPlan(IReadOnlyList<Phase> Phases, IReadOnlyList<Cell> Cells)
{
    public static TournamentPlan From(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var (defends, attacks, assesses, cells) = (new List<Phase>(), new List<Phase>(), new List<Phase>(), new List<Cell>());
        // Its utility is the scale that attacks are held against while they play.
        var reference = ReferencePhase(spec);
        foreach (var seed in spec.Seeds)
        {
            foreach (var defense in spec.Defenses)
            {
                var defend = Defend(spec, defense, seed);
                var assess = Assess(spec, defense, seed, defend);
                defends.Add(defend);
                if (assess.Id != reference.Id) assesses.Add(assess);
                foreach (var attack in spec.Attacks)
                {
                    // A search is screened on the first model; what it finds is planned when it is found.
                    if (attack.Search is not null && seed != spec.Seeds[0]) continue;
                    var first = attack.Search is null ? attack : SearchTries.First(attack);
                    foreach (var exposure in new AttackFamily(attack.Family, [attack]).Exposures)
                    {
                        foreach (var attackSeed in AttackSeeds(spec).Take(attack.Search is null ? int.MaxValue : 1))
                        {
                            var phase = Attack(spec, defense, first, exposure, (seed, attackSeed), defend, again: (false, false), lastStep: null);
                            var cell = new Cell(defense, first, exposure, seed, defend.Id, phase.Id, assess.Id) { AttackSeed = attackSeed };
                            attacks.Add(phase);
                            cells.Add(cell);
                        }
                    }
                }
            }
        }

        // Defenses first: they are the long pole, and everything else waits for them.
        return new TournamentPlan([.. defends, reference, .. attacks, .. assesses], cells);
    }

    /// <summary>1 to the number of attacks on every defended model.</summary>
    public static IEnumerable<int> AttackSeeds(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Enumerable.Range(1, spec.AttackSeeds);
    }

    /// <summary>The undefended subject's mean utility; null when it was not measured (yet).</summary>
    public static double? ReferenceUtility(TournamentSpec spec, IReadOnlyDictionary<string, PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return results.GetValueOrDefault(ReferencePhase(spec).Id)?.Assessment?.Utility.Average();
    }

    /// <summary>Assessment of the undefended subject on the first seed: the scale of utility.</summary>
    public static Phase ReferencePhase(TournamentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var (undefended, seed) = (spec.Defenses[0], spec.Seeds[0]);
        return Assess(spec, undefended, seed, Defend(spec, undefended, seed));
    }

    /// <summary>
    /// A cell and its attack phase; a fresh one is the re-run of a sweep's winner on the same defended weights, a replay that of an attack that
    /// failed.
    /// </summary>
    internal static (Cell Cell, Phase Phase) CellOf(TournamentSpec spec, Entrant defense, Entrant attack, Exposure exposure, int seed,
        int attackSeed, bool isFresh, bool isReplay = false, int? lastStep = null)
    {
        var defend = Defend(spec, defense, seed);
        var phase = Attack(spec, defense, attack, exposure, (seed, attackSeed), defend, (isFresh, isReplay), lastStep);
        return (new Cell(defense, attack, exposure, seed, defend.Id, phase.Id, Assess(spec, defense, seed, defend).Id,
            isFresh) { AttackSeed = attackSeed, IsReplay = isReplay }, phase);
    }

    /// <summary>Why a phase will not be played: one of its plugins is refused.</summary>
    public static Refusal? RefusalOf(Phase phase)
    {
        ArgumentNullException.ThrowIfNull(phase);
        return phase.Defense.Refusal ?? phase.Attack?.Refusal;
    }

    /// <summary>The results, and a marked one for every phase that is not played because a plugin is refused.</summary>
    public IReadOnlyDictionary<string, PhaseResult> WithRefusals(IReadOnlyDictionary<string, PhaseResult> results)
    {
        var all = new Dictionary<string, PhaseResult>(results);
        foreach (var phase in Phases.Where(p => !all.ContainsKey(p.Id)))
        {
            if (RefusalOf(phase) is { } refusal) all.Add(phase.Id, phase.Failed(refusal.Status, refusal.Code, refusal.Reason));
        }

        return all;
    }

    private static Phase Defend(TournamentSpec spec, Entrant defense, int seed) => new()
    {
        Id = Hash([.. Setting(spec), "defend", .. Identity(defense), .. Limits(spec.DefenseLimits), Text(seed)]),
        Kind = PhaseKind.Defend,
        Defense = defense,
        Seed = seed,
        RandomSeed = Seed(["defend", defense.Id, Options(defense), .. Twin(defense), Text(seed)]),
    };

    private static Phase Attack(TournamentSpec spec, Entrant defense, Entrant attack, Exposure exposure, (int Defense, int Attack) seed,
        Phase defend, (bool IsFresh, bool IsReplay) again, int? lastStep) => new()
    {
        Id = Hash([.. Setting(spec), "attack", defend.Id, .. Identity(attack), exposure.ToString(), .. Limits(spec.AttackLimits),
            .. spec.EarlyStopping?.Identity(Phase.EndsBeyondUse(attack), attack.IsSearched && !again.IsFresh) ?? [], Text(seed.Defense),
            .. Again(seed.Attack), .. Fresh(again), .. Until(lastStep), .. Metrics(spec)]),
        Kind = PhaseKind.Attack,
        Defense = defense,
        Attack = attack,
        Exposure = exposure,
        Seed = seed.Defense,
        AttackSeed = seed.Attack,
        DefendPhaseId = defend.Id,
        IsFresh = again.IsFresh,
        IsReplay = again.IsReplay,
        LastStep = lastStep,
        RandomSeed = Seed(["attack", attack.Id, Options(attack), .. attack.Then is { } then ? [Options(then)] : Array.Empty<string>(),
            exposure.ToString(), Text(seed.Defense), .. Again(seed.Attack), .. Fresh(again)]),
    };

    private static Phase Assess(TournamentSpec spec, Entrant defense, int seed, Phase defend) => new()
    {
        Id = Hash([.. Setting(spec), "assess", defend.Id, .. Limits(spec.TrainabilityLimits), Text(seed), .. Metrics(spec)]),
        Kind = PhaseKind.Assess,
        Defense = defense,
        Seed = seed,
        DefendPhaseId = defend.Id,
        RandomSeed = Seed(["assess", Text(seed)]),
    };

    /// <summary>The kind of device alone: which GPU a phase gets, by chance or by choice, is no part of its identity.</summary>
    private static string[] Setting(TournamentSpec spec) => [spec.ScenarioHash, spec.HostVersion, spec.Device.Split(':')[0]];

    /// <summary>
    /// Nothing where the scenario's own metrics score: its hash has them. Defenses are not scored, and stay what they are under other metrics.
    /// </summary>
    private static string[] Metrics(TournamentSpec spec)
    {
        var scoring = spec.Metrics.Where(m => m.Role != MetricRole.Also).OrderBy(m => m.Role).ToArray();
        if (scoring.Length == 0) return [];
        return ["metrics", .. scoring.Select(m => m.Identity), .. scoring.Any(m => m.IsPlugin) ? [spec.MetricLimits?.Identity ?? ""]
            : Array.Empty<string>()];
    }

    private static string[] Identity(Entrant entrant) =>
        [entrant.Id, entrant.ContentHash, Options(entrant), .. Twin(entrant), .. entrant.Then is { } then ? ["then", .. Identity(then)]
            : Array.Empty<string>()];

    private static string[] Twin(Entrant entrant) => entrant.Twin == 0 ? [] : [$"twin {Text(entrant.Twin)}"];

    /// <summary>Nothing for the first: a tournament with one attack per model has the ids that it always had.</summary>
    private static string[] Again(int attackSeed) => attackSeed == 1 ? [] : [$"attack seed {Text(attackSeed)}"];

    private static string[] Fresh((bool IsFresh, bool IsReplay) again) =>
        [.. again.IsFresh ? ["fresh"] : Array.Empty<string>(), .. again.IsReplay ? ["replay"] : Array.Empty<string>()];

    private static string[] Until(int? lastStep) => lastStep is { } step ? [$"until {Text(step)}"] : [];

    private static string Options(Entrant entrant) => string.Join('\u001f', entrant.Options.Select(o => $"{o.Key}={o.Value}"));

    private static string[] Limits(PhaseLimits limits) =>
        [Text(limits.Steps), limits.Samples?.ToString(CultureInfo.InvariantCulture) ?? "-",
            limits.WallSeconds.ToString("R", CultureInfo.InvariantCulture),
        limits.MemoryMegabytes?.ToString("R", CultureInfo.InvariantCulture) ?? "-"];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Digest(string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001e', parts)));

    private static string Hash(string[] parts) => Convert.ToHexStringLower(Digest(parts))[..16];

    private static ulong Seed(string[] parts) => BinaryPrimitives.ReadUInt64LittleEndian(Digest(parts));
}
