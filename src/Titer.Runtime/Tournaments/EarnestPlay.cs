using Titer.Files;
using Titer.Files.Codes;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Conformance;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// Plays a plugin as a tournament plays it: the tournament's runner, its processes, data, budget and seed, and nothing that the plugin could tell
/// from it. A defense plays the phase in which it immunizes; an attack meets the undefended subject and a defended one, in every exposure. What a
/// plugin shows to the checks only because it knows that they are checks does not help it here.
/// </summary>
/// <param name="executorOf">Plays the phases of a run in that folder.</param>
internal sealed class EarnestPlay(Func<string, IPhaseExecutor> executorOf, string hostVersion)
{
    public const string Code = "TITER828";

    /// <summary>What a good plugin does, as the end of the sentence "it ...".</summary>
    public const string Name = "plays as in a tournament";

    private const string Undefended = "no_defense";

    /// <summary>Bundled, quick, and changes every weight: an attack cannot take the model for the subject.</summary>
    private const string Defended = "safety_sft";

    /// <summary>The tournament that it is played in.</summary>
    /// <param name="file">Whose scenario and budget; who enters it does not matter.</param>
    /// <exception cref="ConfigurationException">The plugin cannot enter it.</exception>
    public ResolvedTournament TournamentOf(TournamentFile file, InstalledPlugin plugin, PluginCatalog catalog, string device)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(plugin);
        ArgumentNullException.ThrowIfNull(catalog);
        var id = plugin.Manifest.Id;
        var isAttack = plugin.Manifest.Kind == PluginKind.Attack;
        string[] defenses = isAttack ? [Undefended, Defended] : [Undefended, .. id == Undefended ? Array.Empty<string>() : [id]];
        return new TournamentResolver(file with
        {
            Defenses = [.. defenses.Select(d => EntrantEntry.Of(d))],
            Attacks = isAttack ? [EntrantEntry.Of(id)] : [],
            IsAa = null,
        }, catalog.With(plugin), Quarantine.Empty, hostVersion).Resolve(new RunOverrides { Device = device });
    }

    /// <param name="keep">The results folder; null takes one that goes away.</param>
    /// <returns>Without a number.</returns>
    /// <exception cref="MachineFaultException">The machine, not the plugin, kept a phase from its end.</exception>
    public async Task<ConformanceFinding> PlayAsync(ResolvedTournament tournament, PluginManifest plugin, string? keep, int lanes,
        CancellationToken abort)
    {
        ArgumentNullException.ThrowIfNull(tournament);
        ArgumentNullException.ThrowIfNull(plugin);
        var spec = tournament.Spec with { Seeds = [tournament.Spec.Seeds[0]], AttackSeeds = 1 };
        using var scratch = ScratchFolder.Create();
        using var folder = RunFolder.Open(keep ?? Path.Combine(scratch.Path, "run"));
        var executor = executorOf(folder.Path);
        await using var disposed = executor as IAsyncDisposable;
        // Whoever is looked at is a stranger, also when it came with the host.
        var assets = tournament.Assets.PinnedIn(folder, spec) with
        {
            BundledHashes = tournament.Assets.BundledHashes.Where(h => h != plugin.ContentHash).ToHashSet(),
        };
        var plan = PlanOf(spec, plugin.Id);
        var runner = new TournamentRunner(executor, folder, assets, Quarantine.Empty, lanes);
        var outcome = await runner.PlayAsync(spec, plan, new Nobody(), abort, abort, new Dictionary<string, PhaseResult>());
        abort.ThrowIfCancellationRequested();
        if (outcome.Faults is [var (why, _), ..])
            throw new MachineFaultException(MessageCode.Of(why), why[(why.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        var own = plan.Phases.Where(p => IsOf(p, plugin.Id)).ToArray();
        var failed = own.FirstOrDefault(p => outcome.Results.GetValueOrDefault(p.Id) is { Status: not PhaseStatus.Done });
        return failed is not null && outcome.Results[failed.Id] is var result
            ? new ConformanceFinding(0, Name, ConformanceOutcome.Failed, Code,
                $"'{failed.Title}' of {spec.Name} ended as {result.Status.ToString().ToLowerInvariant()}: {result.Code} {result.Reason}",
                "A tournament would store this as its result: correct it, whatever the other checks say.")
            : new ConformanceFinding(0, Name, ConformanceOutcome.Passed,
                Fact: $"{own.Length} {(own.Length == 1 ? "phase" : "phases")} of {spec.Name}, up to {
                    (plugin.Kind == PluginKind.Attack ? spec.AttackLimits : spec.DefenseLimits).Steps} steps");
    }

    /// <summary>The plugin's phases, and what comes before them in every tournament.</summary>
    private static TournamentPlan PlanOf(TournamentSpec spec, string id)
    {
        var plan = TournamentPlan.From(spec);
        var reference = TournamentPlan.ReferencePhase(spec).Id;
        var own = plan.Phases.Where(p => IsOf(p, id)).ToArray();
        // An attack waits for the model that it is held against, as it does there.
        if (own.Any(p => p.Kind == PhaseKind.Attack)) own = [.. own, plan.Phases.First(p => p.Id == reference)];
        var needed = own.SelectMany(p => new[] { p.Id, p.DefendPhaseId }).ToHashSet();
        return new TournamentPlan([.. plan.Phases.Where(p => needed.Contains(p.Id))], [.. plan.Cells.Where(c => c.Attack.Id == id)]);
    }

    private static bool IsOf(Phase phase, string id) => phase.Kind switch
    {
        PhaseKind.Defend => phase.Defense.Id == id,
        PhaseKind.Attack => phase.Attack!.Id == id,
        _ => false,
    };

    private sealed class Nobody : IRunObserver
    {
        public void Started(Phase phase)
        {
        }

        public void Progressed(Phase phase, PhaseProgress progress)
        {
        }

        public void Finished(Phase phase, PhaseResult result)
        {
        }
    }
}
