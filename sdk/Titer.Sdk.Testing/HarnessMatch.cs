using Titer.Files;
using Titer.Models.Native;
using Titer.Plugins;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Sdk.Testing;

/// <summary>
/// The author's match over an object. Scenario, device and what was played of the baselines stay for the next match of the process: a test
/// class pays for them once.
/// </summary>
internal sealed class HarnessMatch : IRunObserver, IDisposable
{
    private const string Undefended = "no_defense";
    private const string EmbeddedScenario = "apothecary";

    private static readonly Dictionary<string, HarnessMatch> ByDevice = new(StringComparer.Ordinal);

    private readonly PluginRoot _root = PluginRoot.Create();
    private readonly AuthorMatch _match;
    private Func<PhaseOrder, PluginStage?> _stage = _ => null;

    private HarnessMatch(string device)
    {
        NativeTorch.EnsureLoaded();
        _match = new AuthorMatch(new WarmPhaseHost(_root, AuthorMatch.OpenScenario(EmbeddedScenario), device, order => _stage(order)));
        // The folder of results goes with the process.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    public static async Task<HarnessResult> PlayAsync(PluginManifest manifest, object plugin, HarnessOptions options, CancellationToken cancellation)
    {
        var opponent = options.Opponent is { } named ? OpponentOf(named, manifest.Kind) : null;
        using var turn = await ProcessTurn.TakeAsync(cancellation);
        if (!ByDevice.TryGetValue(options.Device, out var match)) ByDevice.Add(options.Device, match = new HarnessMatch(options.Device));
        return await Task.Run(() => match.PlayAsync(manifest, plugin, opponent, options, cancellation), cancellation);
    }

    public void Started(Phase phase)
    {
        // A test looks at the end only.
    }

    public void Progressed(Phase phase, PhaseProgress progress)
    {
    }

    public void Finished(Phase phase, PhaseResult result)
    {
    }

    public void Dispose()
    {
        _match.Dispose();
        _root.Dispose();
    }

    private static InstalledPlugin OpponentOf(string named, PluginKind against)
    {
        var builtIn = BuiltInPlugins.CatalogWith([]).Plugins.GetValueOrDefault(named);
        var verdict = builtIn is null ? new PluginGate().Inspect(named) : null;
        var opponent = builtIn ?? verdict!.Plugin
            ?? throw new ArgumentException(
                $"The opponent '{named}' is no built-in one ({string.Join(", ", BuiltInPlugins.Ids)}), and no plugin: {verdict!.Errors.First()}");
        return opponent.Manifest.Kind == (against == PluginKind.Defense ? PluginKind.Attack : PluginKind.Defense)
            ? opponent
            : throw new ArgumentException($"The opponent '{named}' is of kind {opponent.Manifest.Kind}: it cannot meet a plugin of the same side.");
    }

    private async Task<HarnessResult> PlayAsync(PluginManifest manifest, object plugin, InstalledPlugin? opponent, HarnessOptions options,
        CancellationToken cancellation)
    {
        var result = new HarnessResult { Plugin = manifest.Id, IsDefense = manifest.Kind == PluginKind.Defense, Seeds = options.Seeds };
        var own = new InstalledPlugin(manifest, "", "");
        _stage = order =>
            EntrantOf(order).ContentHash == manifest.ContentHash ? PluginStage.Of(manifest, () => plugin) : BuiltInPlugins.StageOf(order);
        ResolvedTournament tournament;
        try
        {
            tournament = AuthorMatch.Of(
                manifest, BuiltInPlugins.CatalogWith(opponent is null ? [own] : [opponent, own]), TypeManifest.OptionsIn(plugin, manifest),
                new RunOverrides { Device = options.Device, Seeds = options.Seeds },
                new MatchSize { Opponents = opponent is null ? null : [opponent.Manifest.Id], AttackSteps = options.AttackSteps,
                    DefenseSteps = options.DefenseSteps });
        }
        catch (ConfigurationException e)
        {
            // An option out of its own range: the plugin's fault.
            return result with { Fault = new HarnessFault("options", e.Code, e.Message) };
        }

        var played = await _match.PlayAsync(tournament, this, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new ResultReader(tournament.Spec, played, manifest).Read(result, opponent?.Manifest);
    }

    private static Entrant EntrantOf(PhaseOrder order) => order.Phase.Kind == PhaseKind.Attack ? order.Phase.Attack! : order.Phase.Defense;

    /// <summary>Picks what concerns the plugin out of a match.</summary>
    private sealed class ResultReader(TournamentSpec spec, PlayedMatch played, PluginManifest own)
    {
        private readonly Phase[] _phases = [.. TournamentPlan.From(spec).Phases];

        public HarnessResult Read(HarnessResult result, PluginManifest? opponent)
        {
            var mine = _phases.Where(p => p.Kind != PhaseKind.Assess && Player(p).ContentHash == own.ContentHash).ToArray();
            var results = mine.Select(p => (Phase: p, Result: played.Results.GetValueOrDefault(p.Id))).ToArray();
            var (failed, why) = results.FirstOrDefault(r => r.Result is { Status: not PhaseStatus.Done });
            var defense = result.IsDefense ? own.Id : opponent?.Id ?? Undefended;
            var row = played.Report.Rows.FirstOrDefault(r => r.Defense == defense);
            return result with
            {
                Fault = failed is null ? null : new HarnessFault(failed.Title, why!.Code ?? "", why.Reason ?? ""),
                Trajectories = TrajectoriesOn(defense, result.IsDefense),
                Undefended = TrajectoriesOn(Undefended, result.IsDefense),
                Conditions = row is null ? null : HarnessConditions.Of(row),
                Titer = row?.Titer ?? "not measured",
                UtilityRatio = row?.Stability.Estimate ?? double.NaN,
                Spent = Sum(results.Select(r => r.Result?.Spent ?? new Spent())),
                Thresholds = spec.Thresholds,
                Report = played.Report,
            };
        }

        private static Entrant Player(Phase phase) => phase.Kind == PhaseKind.Attack ? phase.Attack! : phase.Defense;

        /// <summary>All attacks on a defense; only the plugin's own where it is an attack.</summary>
        private HarnessTrajectory[] TrajectoriesOn(string defense, bool all) =>
        [
            .. _phases.Where(p => p.Kind == PhaseKind.Attack && p.Defense.Id == defense && (all || p.Attack!.ContentHash == own.ContentHash))
                .Select(p => (Phase: p, Result: played.Results.GetValueOrDefault(p.Id)))
                .Where(p => p.Result?.Trajectory is not null)
                .Select(p => new HarnessTrajectory(p.Phase.Defense.Id, p.Phase.Attack!.Id, p.Phase.Exposure, p.Phase.Seed,
                    HarnessPoint.Of(p.Result!.Trajectory!), p.Result.Spent)),
        ];

        private static Spent Sum(IEnumerable<Spent> parts) => parts.Aggregate(new Spent(), (a, b) => new Spent
        {
            Steps = a.Steps + b.Steps,
            Samples = a.Samples + b.Samples,
            Tokens = a.Tokens + b.Tokens,
            Flops = a.Flops + b.Flops,
            WallSeconds = a.WallSeconds + b.WallSeconds,
        });
    }
}
