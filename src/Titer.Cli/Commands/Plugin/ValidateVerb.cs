using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Says whether a plugin does what every plugin must: the gate's rules, then the conformance checks, one numbered line each.</summary>
internal sealed class ValidateVerb : IPluginVerb
{
    private const ulong DefaultSeed = 20240216;
    private const string GateName = "is accepted by the gate";

    public Command Build()
    {
        var path = new Argument<string>("path") { Description = "The built plugin's folder, or its dll." };
        var json = new JsonOption("validate-json", "Print one JSON object a finding, each on a line");
        var seed = new Option<ulong>("--seed") { Description = "What every trial's randomness comes from.", DefaultValueFactory = _ => DefaultSeed };
        var sandbox = new SandboxOption();
        var command = new Command("validate", "Check that a plugin plays by the rules.") { path, json, seed, sandbox };
        command.Validators.Add(result =>
        {
            if (result.GetValue(path) is "") result.AddError("TITER610 The path is empty. Name a folder.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var verdict = new PluginGate().Inspect(parsed.GetValue(path)!);
            if (verdict.Errors.FirstOrDefault(p => p.Code == PluginProblemCode.FolderMissing) is { } missing)
            {
                await Console.Error.WriteLineAsync(missing.ToString());
                return ExitCodes.BadInput;
            }

            Action<ConformanceFinding> show = parsed.GetValue(json) ? ShowJson : finding => ShowLine(finding, Steps(verdict));
            var gate = OfGate(verdict);
            show(gate);
            if (verdict.Plugin is not { } plugin) return ExitCodes.SomeCellFailed;
            var failed = 0;
            var protection = WorkerProtection.Detect(sandbox.Of(parsed));
            var isOwn = PluginCatalog.Scan([TournamentOptions.BundledPlugins]).HashesIn(TournamentOptions.BundledPlugins)
                .Contains(plugin.Manifest.ContentHash);
            await Strangers.WallsAsync(isOwn ? [] : [plugin.Manifest.Id], protection, sandbox.Of(parsed), usesGpu: false);
            var supervisor = new ValidateSupervisor(WorkerProgram.Dll, protection);
            await foreach (var finding in supervisor.FindingsAsync(plugin, parsed.GetValue(seed), cancellation))
            {
                // The gate is the first step.
                show(finding with { Number = finding.Number + 1 });
                if (finding.Outcome == ConformanceOutcome.Failed) failed++;
            }

            if (!parsed.GetValue(json)) await Console.Out.WriteLineAsync(
                $"{plugin.Manifest.Id}: {(failed == 0 ? "plays by the rules" : $"{failed} of {Steps(verdict)} failed")} "
                + $"(seed {parsed.GetValue(seed)}).");
            return failed == 0 ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    /// <summary>The gate is the first; a plugin that it refuses may be of any kind.</summary>
    private static int Steps(PluginVerdict verdict) => ConformanceChecks.For(verdict.Plugin?.Manifest.Kind ?? PluginKind.Defense).Count + 1;

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
