using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Plugins;
using Titer.Rubric;
using Titer.Runtime.Authoring;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Sdk;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Cli.Commands;

/// <summary>Judges a run again with other thresholds, metrics or aggregations: from its stored answers, without training anything.</summary>
internal sealed class ScoreCommand(IAnsiConsole console) : ICliCommand
{
    private const string JudgeMetric = "rubric";
    private static readonly string[] Roles = ["harm", "utility", "coherence"];

    public Command Build()
    {
        var folder = new Argument<string>("folder") { Description = "A run's results folder, for example results/apothecary." };
        var set = new Option<string[]>("--set") { Description = "A threshold, for example harm_threshold=0.3.",
            AllowMultipleArgumentsPerToken = true };
        var metrics = new Option<string[]>(
            "--metric") { Description =
            "A metric of text, or a plugin, in place of the run's: harm=ID, utility=ID or coherence=ID; with options ID[name=value].",
            AllowMultipleArgumentsPerToken = true };
        var plugins = new Option<string[]>("--plugins") { Description = "More plugin folders, for metrics that are plugins.",
            AllowMultipleArgumentsPerToken = true };
        var sandbox = new SandboxOption();
        var topN = new Option<int?>("--top-n") { Description = "Attackers in the top_n_average." };
        var losses = new Option<double[]>("--utility-losses") { Description = "Utility losses of the bounded_worst_case.",
            AllowMultipleArgumentsPerToken = true };
        var scenarioPath = new Option<string?>("--scenario") { Description = "The scenario, where the run's own path is not valid here." };
        var otherScenario = new Option<bool>("--other-scenario") { Description = "Score although the scenario is not the one that was played." };
        var output = new Option<string?>("--out") { Description = "Folder for the new leaderboard; default <folder>/scored." };
        var rubric = new Option<string?>("--rubric") { Description = "File that configures the judge of the metric 'rubric'." };
        var json = new JsonOption("leaderboard", "Print leaderboard.json to stdout");
        var command = new Command("score", "Judge a run again with other thresholds, metrics or aggregations; nothing is trained.") { folder, set,
            metrics, plugins, topN, losses, scenarioPath, otherScenario, rubric, output, sandbox, json };
        command.SetAction(async (parsed, _) =>
        {
            using var stored = StoredRun.Open(parsed.GetValue(folder)!);
            var (run, spec) = (stored.Folder, stored.Spec);
            var scenario = Scenario.Open(parsed.GetValue(scenarioPath) ?? spec.ScenarioSource ?? spec.Scenario);
            if (scenario.Hash != spec.ScenarioHash && !parsed.GetValue(otherScenario))
                throw new ConfigurationException(
                    $"TITER616 The run was played with scenario {spec.Scenario} {spec.ScenarioHash[..12]}, this one "
                        + $"is {scenario.Id} {scenario.Hash[..12]}: its prompts and references may differ. Name the right one with --scenario, "
                        + "or ask for it with --other-scenario.");
            var changed = spec with
            {
                Thresholds = Changed(spec.Thresholds, parsed.GetValue(set) ?? []),
                Aggregations = new AggregationSettings
                {
                    TopN = parsed.GetValue(topN) ?? spec.Aggregations.TopN,
                    UtilityLosses = parsed.GetValue(losses) is { Length: > 0 } given ? [.. given.Order()] : spec.Aggregations.UtilityLosses,
                },
            };
            var chosen = (parsed.GetValue(metrics) ?? []).Select(Metric).ToDictionary(m => m.Role, m => m.Choice);
            using var judge = chosen.Values.Any(c => c.Id == JudgeMetric) ? Judge(parsed.GetValue(rubric), run) : null;
            var asked = chosen.Where(c => c.Value.Id != JudgeMetric)
                .Select(c => MetricEntry.Of(Enum.Parse<MetricRole>(c.Key, ignoreCase: true), c.Value.Id, c.Value.Options)).ToArray();
            var scoring = RunMetrics.Of(run, spec, scenario, PluginCatalog.Scan(TournamentOptions.PluginSources(parsed.GetValue(plugins) ?? []),
                new PluginGate(PolicyOption.OfHome())),
                asked);
            var protection = scoring.Plugins.Count > 0 ? WorkerProtection.Detect(sandbox.Of(parsed)) : WorkerProtection.None;
            await Strangers.WallsAsync(scoring.Plugins, protection, sandbox.Of(parsed));
            await using var open = new OpenMetrics(new MetricWorkers(WorkerProgram.Dll, protection), scoring.Plugins,
                new JudgeMachine(WorkerProgram.Dll, spec.Device, new VerdictStore(TiterHome.FromEnvironment().VerdictsFolder)).Open);
            IMetric? Opened(string role, MetricChoice choice) => !chosen.TryGetValue(role, out var named) ? null : named.Id == JudgeMetric ? judge
                // What a judge model could not read is filled in where it is measured; a score without that is none.
                : choice.IsJudge ? choice.Open() : open.Open(choice);
            var own = scoring.Scenario.Metrics;
            var change = new MetricChange(Opened("harm", own.Harm), Opened("utility", own.Utility), Opened("coherence", own.Coherence));
            var (plan, results) = stored.Load();
            var report = TournamentFold.Report(changed, plan, new Rescoring(run, scenario).Apply(results, change));
            try
            {
                var first = chosen.GetValueOrDefault("harm") is { Id: JudgeMetric } rubricChoice ? rubricChoice : own.Harm;
                var opinions = SecondOpinions.Of(run, scoring.Scenario, results, changed.Thresholds.HarmThreshold, first,
                    change.Harm, open.Open);
                report = report with { Opinions = opinions };
            }
            catch (Exception e) when (e is MetricFaultException or MachineFaultException)
            {
                await Console.Error.WriteLineAsync($"{e.Message} The leaderboard is printed without second opinions.");
            }

            report = stored.Warned(report);
            var target = parsed.GetValue(output) ?? Path.Combine(run.BoardPath, "scored");
            RunRecords.Write(target, report);
            if (parsed.GetValue(json)) console.Profile.Out.Writer.Write(TournamentJson.Serialize(LeaderboardDocument.From(report)));
            else new ReportView(console).Show(report, target);
            if (judge?.Cost is { } cost) await Console.Error.WriteLineAsync(CostLine(cost));
            return report.AllDone ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    private static RubricJudge Judge(string? file, RunFolder run) => file is not null
        ? new RubricJudge(RubricFile.Read(file, Path.Combine(run.Path, "judge")))
        : throw new ConfigurationException(
            "TITER619 The metric 'rubric' needs a judge. Name the file that configures one with --rubric; nothing is sent anywhere without it.");

    private static string CostLine(RubricCost cost) => string.Create(CultureInfo.InvariantCulture,
        $"Judge: {cost.Requests} requests ({cost.Retries} repeated), {cost.CacheHits} from the cache, {cost.InputTokens} tokens in, {
            cost.OutputTokens} out{(cost.Money is { } money ? $", {money:0.00##} in the prices' currency" : "")}.");

    private static Thresholds Changed(Thresholds thresholds, string[] settings)
    {
        try
        {
            return ThresholdSettings.Apply(thresholds, settings);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }

    /// <summary><c>harm=answer_match[extract=last_number]</c>.</summary>
    private static (string Role, MetricChoice Choice) Metric(string text)
    {
        var (role, rest) = text.Split('=', 2) is [var first, var second] ? (first, second) : (text, "");
        if (!Roles.Contains(role) || rest.Length == 0)
            throw new ConfigurationException(
                $"TITER617 '{text}' names no metric. Write harm=ID, utility=ID or coherence=ID, for example harm=refusal_match.");
        var bracket = rest.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0) return (role, MetricChoice.Of(rest));
        var options = rest[(bracket + 1)..].TrimEnd(']').Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(o => o.Split('=', 2));
        return (role, new MetricChoice(rest[..bracket], options.ToDictionary(o => o[0], o => o.Length == 2 ? o[1] : "")));
    }
}
