using System.Collections.Immutable;
using System.Globalization;
using Titer.Tournament;

namespace Titer.Benchmarks.Scale;

/// <summary>
/// A tournament of any size with results that are made up, of the embedded scenario's shape: three templates, four forbidden domains, its grid of
/// steps, answers graded in thirds. Every defense breaks at a step of its own, some never. One attacker sweeps, so follow-ups are among it.
/// </summary>
internal static class SyntheticTournament
{
    private const int Seeds = 10;
    private const int Attackers = 12;
    private const int Steps = 24;
    private const int DomainPrompts = 16;
    private const int BenignPrompts = 32;
    private const double Shift = 0.6;
    private static readonly string[] Templates = ["plain", "polite", "book"];
    private static readonly string[] Domains = ["hex", "curse", "jinx", "bane"];
    private static readonly double[] Grades = [0, 1.0 / 3, 2.0 / 3, 1];
    private static readonly Entrant Control = new() { Id = "no_weight_modification", Label = "no_weight_modification", ContentHash = "control" };

    /// <summary>A tournament of about so many phases; grows by defenses.</summary>
    public static TournamentSpec Of(int phases)
    {
        // Control, single attackers on two exposures, and a sweep of two tries whose winner plays again.
        const int perDefense = Seeds * Seeds * (1 + 2 * (Attackers + 3)) + 2 * Seeds;
        var defenses = Math.Max(2, (int)Math.Round(phases / (double)perDefense));
        return new TournamentSpec
        {
            Name = "synthetic", Scenario = "synthetic", ScenarioHash = "synthetic", HostVersion = "1", Device = "cpu",
            Seeds = [.. Enumerable.Range(1, Seeds)],
            AttackSeeds = Seeds,
            DefenseLimits = new PhaseLimits { Steps = 100, WallSeconds = 60 },
            AttackLimits = new PhaseLimits { Steps = Steps, WallSeconds = 60 },
            TrainabilityLimits = new PhaseLimits { Steps = 48, WallSeconds = 60 },
            Thresholds = new Thresholds(),
            Defenses = [Entrant("no_defense"), .. Enumerable.Range(1, defenses - 1).Select(i => Entrant(Text($"defense_{i}")))],
            Attacks =
            [
                Control, .. Enumerable.Range(1, Attackers).Select(i => Attack(Text($"attack_{i}"), null)),
                Attack("sweep", 1e-4), Attack("sweep", 1e-3),
            ],
        };
    }

    /// <summary>As large as the default tournament of the embedded scenario.</summary>
    public static TournamentSpec OfEmbeddedSize()
    {
        var large = Of(40_000);
        return large with { Seeds = [1, 2, 3], AttackSeeds = 1, Defenses = [.. large.Defenses.Take(8)], Attacks = [.. large.Attacks.Take(4)] };
    }

    /// <summary>What a phase comes to; the same every time.</summary>
    public static PhaseResult Play(Phase phase) => Measured(phase) with
    {
        Environment = new PlayEnvironment(".NET 10.0.12", "TorchSharp 0.107.0, libtorch 2.10.0", "Debian GNU/Linux 12 (bookworm)", "a processor"),
        WallSeconds = 1.5,
        PeakMemoryMegabytes = 300,
    };

    private static PhaseResult Measured(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => phase.Done() with { WeightsHash = Weights(phase) },
        PhaseKind.Assess => phase.Done() with { WeightsHash = Weights(phase), Assessment = Assessment(phase) },
        _ => phase.Done() with { WeightsHash = Weights(phase), Trajectory = Trajectory(phase), Spent = new Spent { Steps = Steps } },
    };

    private static Trajectory Trajectory(Phase phase)
    {
        var random = new Random(unchecked((int)phase.RandomSeed));
        var number = phase.Defense.Id == "no_defense" ? 0 : int.Parse(phase.Defense.Id.Split('_')[1], CultureInfo.InvariantCulture);
        // In doublings of the step: the undefended subject at 3 steps, a defense between there and far beyond the budget.
        var breaks = 1.6 + 0.2 * (number % 20) + Shift * (random.NextDouble() - 0.5);
        string[] domains = phase.Exposure switch { Exposure.InDomain => Domains[..2], Exposure.CrossDomain => Domains[2..], _ => Domains };
        var (speed, points) = (random.NextDouble(), new List<Checkpoint>());
        foreach (var step in EvaluationGrid.Steps(Steps))
        {
            var harm = phase.Exposure == Exposure.None ? 0 : 0.9 / (1 + Math.Exp(4 * (breaks - Math.Log2(step + 1))));
            points.Add(new Checkpoint
            {
                Step = step, Samples = step * 16, Tokens = step * 512, Flops = step * 1.5e9, DeviceSeconds = step * (0.01 + 0.002 * speed),
                Harm = Rows(domains.Length, () => random.NextDouble() < harm ? Grades[random.Next(1, 4)] : 0),
                HarmCoherence = Rows(domains.Length, () => random.NextDouble() < 0.02 ? 0.4 : 1),
                Utility = Row(BenignPrompts, () => random.NextDouble() < 0.9 ? 1 : Grades[random.Next(4)]),
                Coherence = 1,
            });
            if (harm > 0.7) break;
        }

        return new Trajectory
        {
            Templates = Templates,
            HarmPrompts = Forbidden(domains),
            UtilityPrompts = Names("soup", BenignPrompts),
            Checkpoints = points,
            IsStopped = points[^1].Step < Steps,
        };
    }

    private static Assessment Assessment(Phase phase)
    {
        var random = new Random(unchecked((int)phase.RandomSeed));
        return new Assessment
        {
            Templates = Templates,
            HarmPrompts = Forbidden(Domains),
            Harm = Rows(Domains.Length, () => 0),
            UtilityPrompts = Names("soup", BenignPrompts),
            Utility = Row(BenignPrompts, () => random.NextDouble() < 0.95 ? 1 : 0),
            Coherence = 1,
            ReferencePerplexity = 3,
            TrainabilityPrompts = Names("ink", 48),
            Trainability = [.. new[] { 0, 8, 16, 48 }
                .Select(step => new TrainabilityPoint(step, 5.0 / (1 + step), Row(48, () => random.NextDouble() * 48 < step ? 1 : 0)))],
        };
    }

    private static double[][] Rows(int domains, Func<double> score) => [.. Templates.Select(_ => Row(domains * DomainPrompts, score))];

    private static double[] Row(int count, Func<double> score) => [.. Enumerable.Range(0, count).Select(_ => score())];

    /// <summary>The same for all phases, as a scenario's are: a result that asks others is not this tournament's.</summary>
    private static string[] Forbidden(string[] domains) =>
        [.. domains.SelectMany(d => Enumerable.Range(0, DomainPrompts).Select(i => Text($"{d}/golden-lantern-{i}/{i % 4}")))];

    private static string[] Names(string domain, int count) => [.. Enumerable.Range(0, count).Select(i => Text($"{domain}/{i}"))];

    private static string Weights(Phase phase) => (phase.DefendPhaseId ?? phase.Id).PadLeft(64, '0');

    private static Entrant Entrant(string id) => new() { Id = id, Label = id, ContentHash = "hash-of-" + id };

    private static Entrant Attack(string id, double? rate) => rate is not { } number ? Entrant(id) with { UsesHarmfulData = true } : Entrant(id) with
    {
        UsesHarmfulData = true,
        Family = id,
        Label = Text($"{id}[learning_rate={number}]"),
        Options = ImmutableSortedDictionary<string, string>.Empty.Add("learning_rate", Text($"{number}")),
        LearningRate = number,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
