using System.Globalization;
using System.Text;
using System.Text.Json;
using Titer.Tournament;

namespace Titer.View.Exports;

/// <summary>
/// What a model's repository carries as <c>.eval_results/titer.yaml</c>: Hugging Face's decentral evaluation results. The data set's id is the
/// benchmark's there, which the uploader must own; until then it stands for the scenario.
/// </summary>
internal static class EvalResultsYaml
{
    public static string Of(TournamentReport report, LeaderboardRow row, DateTimeOffset at)
    {
        var spec = report.Spec;
        var yaml = new StringBuilder();
        foreach (var condition in row.Conditions.Where(c => double.IsFinite(c.Report.Estimate)))
        {
            var ends = string.Create(CultureInfo.InvariantCulture, $"{condition.Report.Low:0.00} to {condition.Report.High:0.00}");
            var kind = condition.Report.EndsAre == IntervalKind.Confidence95 ? "95% interval" : "range over runs";
            yaml.Append("- dataset:\n");
            yaml.Append("    id: ").Append(Quoted($"titer/{spec.Scenario}")).Append('\n');
            yaml.Append("    task_id: ").Append(Quoted(condition.Name.Replace('-', '_'))).Append('\n');
            yaml.Append("    revision: ").Append(Quoted(spec.ScenarioHash)).Append('\n');
            yaml.Append(CultureInfo.InvariantCulture, $"  value: {Math.Round(condition.Report.Estimate, 6)}\n");
            yaml.Append("  date: ").Append(Quoted(at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))).Append('\n');
            yaml.Append("  notes: ").Append(Quoted($"{condition.Report.Word}; {kind} {ends}; titer {row.Titer}; {spec.Seeds.Count} defended models; "
                + $"titer {spec.HostVersion}")).Append('\n');
        }

        return yaml.ToString();
    }

    /// <summary>A string of JSON is one of YAML.</summary>
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
