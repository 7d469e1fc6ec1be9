using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Conformance;
using Titer.Runtime.Tournaments;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Commands.Plugin;

/// <summary>
/// Says whether a plugin does what every plugin must: the gate's rules, the conformance checks, and phases of a tournament; one numbered line each.
/// </summary>
internal sealed class ValidateVerb : IPluginVerb
{
    private const ulong DefaultSeed = 20240216;
    private const string GateName = "is accepted by the gate";
    private const string Device = "cpu";

    /// <summary>Nothing plays that cannot be made, or does not come through a small match.</summary>
    private static readonly string[] Needed = [ConformanceChecks.IsMade.Code, ConformanceChecks.PlaysWithoutFault.Code];

    private readonly Argument<string> _path = new("path") { Description = "The built plugin's folder, or its dll." };
    private readonly JsonOption _json = new("validate-json", "Print one JSON object a finding, each on a line");
    private readonly Option<string?> _tournament = new("--tournament")
    {
        Description = "Whose scenario and budget it plays with in the end; default the embedded one.",
    };

    private readonly Option<string?> _keep = new("--keep")
    {
        Description = "Where the results folder of the last step stays, with its logs; default nowhere.",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "What every trial's randomness comes from.", DefaultValueFactory = _ => DefaultSeed,
    };

    private readonly SandboxOption _sandbox = new();

    public Command Build()
    {
        var command = new Command("validate", "Check that a plugin plays by the rules.") { _path, _json, _seed, _tournament, _keep, _sandbox };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_path) is "") result.AddError("TITER610 The path is empty. Name a folder.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var verdict = new PluginGate().Inspect(parsed.GetValue(_path)!);
            if (verdict.Errors.FirstOrDefault(p => p.Code == PluginProblemCode.FolderMissing) is { } missing)
            {
                await Console.Error.WriteLineAsync(missing.ToString());
                return ExitCodes.BadInput;
            }

            Action<ConformanceFinding> show = parsed.GetValue(_json) ? ShowJson : finding => ShowLine(finding, Steps(verdict));
            show(OfGate(verdict));
            return verdict.Plugin is { } plugin ? await ValidateAsync(plugin, parsed, show, cancellation) : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private async Task<int> ValidateAsync(InstalledPlugin plugin, ParseResult parsed, Action<ConformanceFinding> show,
        CancellationToken cancellation)
    {
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        var file = TournamentFileReader.Read(parsed.GetValue(_tournament), null);
        var catalog = PluginCatalog.Scan([new PluginSource(TournamentOptions.BundledPlugins, PluginOrigin.Bundled),
            .. file.Plugins.Select(p => new PluginSource(file.FullPath(p), PluginOrigin.TournamentFile))]);
        var own = catalog.HashesIn(TournamentOptions.BundledPlugins);
        var earnest = new EarnestPlay(path => new WorkerExecutor(WorkerProgram.Dll, protection, path), TournamentOptions.HostVersion);
        var isPlayed = plugin.Manifest.Kind != PluginKind.Metric;
        var (tournament, why) = isPlayed ? Entered(earnest, file, plugin, catalog, own) : (null, null);
        string[] strangers = [.. own.Contains(plugin.Manifest.ContentHash) ? [] : new[] { plugin.Manifest.Id },
            .. tournament?.Spec.Metrics.Where(m => m.IsPlugin).Select(m => m.Id) ?? []];
        await Strangers.WallsAsync(strangers, protection, _sandbox.Of(parsed), usesGpu: false);
        var failed = new List<string?>();
        var number = 1;
        await foreach (var finding in new ValidateSupervisor(WorkerProgram.Dll, protection)
            .FindingsAsync(plugin, ShapeOf(plugin, tournament), parsed.GetValue(_seed), TrialsOf(plugin, tournament), cancellation))
        {
            // The gate is the first step.
            show(finding with { Number = ++number });
            if (finding.Outcome == ConformanceOutcome.Failed) failed.Add(finding.Code);
        }

        if (isPlayed)
        {
            var finding = failed.Find(Needed.Contains) is { } code ? Skipped($"It needs a match to the end: see {code}.")
                : tournament is null ? Skipped(why!)
                : await earnest.PlayAsync(tournament, plugin.Manifest, parsed.GetValue(_keep), DeviceLanes.DefaultCount(Device), cancellation);
            show(finding with { Number = ++number });
            if (finding.Outcome == ConformanceOutcome.Failed) failed.Add(finding.Code);
        }

        if (!parsed.GetValue(_json)) await Console.Out.WriteLineAsync(
            $"{plugin.Manifest.Id}: {(failed.Count == 0 ? "plays by the rules" : $"{failed.Count} of {number} failed")} "
            + $"(seed {parsed.GetValue(_seed)}).");
        return failed.Count == 0 ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    /// <summary>The tournament that it plays in, or why it cannot enter one.</summary>
    private static (ResolvedTournament? Tournament, string? Why) Entered(EarnestPlay earnest, TournamentFile file, InstalledPlugin plugin,
        PluginCatalog catalog, IReadOnlySet<string> own)
    {
        try
        {
            return (earnest.TournamentOf(file, plugin, catalog, Device).WithBundled(own.Where(h => h != plugin.Manifest.ContentHash).ToHashSet()),
                null);
        }
        catch (ConfigurationException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>The checks run in a process that could as well play.</summary>
    private static PlayerShape ShapeOf(InstalledPlugin plugin, ResolvedTournament? tournament)
    {
        if (tournament is null) return PlayerShape.Embedded();
        return PlayerShape.Of(tournament.Assets.Scenario, LimitsOf(plugin, tournament).MemoryMegabytes, Device,
            plugin.Manifest.Kind == PluginKind.Attack);
    }

    private static TrialPhases? TrialsOf(InstalledPlugin plugin, ResolvedTournament? tournament) => tournament is null ? null
        : TrialPhases.Of(tournament.Assets.Scenario, plugin.Manifest.Kind, LimitsOf(plugin, tournament));

    private static PhaseLimits LimitsOf(InstalledPlugin plugin, ResolvedTournament tournament) =>
        plugin.Manifest.Kind == PluginKind.Attack ? tournament.Spec.AttackLimits : tournament.Spec.DefenseLimits;

    private static ConformanceFinding Skipped(string why) => new(0, EarnestPlay.Name, ConformanceOutcome.Skipped, Fact: why);

    /// <summary>The gate is the first, a tournament the last; a plugin that the gate refuses may be of any kind.</summary>
    private static int Steps(PluginVerdict verdict)
    {
        var kind = verdict.Plugin?.Manifest.Kind ?? PluginKind.Defense;
        return ConformanceChecks.For(kind).Count + (kind == PluginKind.Metric ? 1 : 2);
    }

    private static ConformanceFinding OfGate(PluginVerdict verdict)
    {
        if (verdict.Problems.Count == 0) return new ConformanceFinding(1, GateName, ConformanceOutcome.Passed);
        var first = verdict.Problems[0];
        var others = verdict.Problems.Skip(1).Select(p => $"Also {p}");
        return new ConformanceFinding(
            1, GateName, verdict.IsAccepted ? ConformanceOutcome.Warned : ConformanceOutcome.Failed, first.Code,
            string.Join(' ', others.Prepend(first.Fact)), first.Fix);
    }

    private static void ShowJson(ConformanceFinding finding) =>
        JsonOutput.WriteLine(finding, json => json.ConformanceFinding);

    private static void ShowLine(ConformanceFinding finding, int steps)
    {
        var isGood = finding.Outcome == ConformanceOutcome.Passed;
        var aside = finding.Outcome is ConformanceOutcome.Passed or ConformanceOutcome.Skipped && finding.Fact is { } fact
            ? $" ({fact.TrimEnd('.')})" : "";
        Console.Out.WriteLine($"[{finding.Number,2}/{steps}] {finding.Outcome.ToString().ToLowerInvariant(),-7} {finding.Name}{aside}");
        if (!isGood && finding.Code is not null) Console.Out.WriteLine($"        {finding.Code} {finding.Fact} {finding.Fix}");
    }
}
