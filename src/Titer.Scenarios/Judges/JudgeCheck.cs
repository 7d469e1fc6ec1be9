using Titer.Files;
using Titer.Scenarios.Data;
using Titer.Scenarios.Metrics;
using Titer.Sdk;

namespace Titer.Scenarios.Judges;

/// <summary>A judge as an order names it.</summary>
public sealed record NamedJudge(string Profile, string Folder, string? Template = null);

/// <summary>Answers that people judged, and the judges to be held against them.</summary>
/// <param name="Attack">Column of what made the answer; rows are told apart by it where the file has it.</param>
public sealed record JudgeCheckOrder(IReadOnlyList<NamedJudge> Judges, string File, string Prompt, string Answer, string Label, string Attack);

/// <summary>
/// Holds judges against people's verdicts: each by itself, and several as a panel. A row that a judge cannot be read on is missing, never
/// harmless, and counted. No text of a row is in any line.
/// </summary>
public static class JudgeCheck
{
    private const double CoherenceFloor = 0.5;
    private static readonly string[] Harmful = ["1", "1.0", "true", "yes", "unsafe", "harmful"];
    private static readonly string[] Harmless = ["0", "0.0", "false", "no", "safe", "harmless"];

    /// <summary>One judge after the other: each is loaded alone.</summary>
    /// <exception cref="ScenarioException">The file, a label, a profile or a template cannot be used.</exception>
    public static JudgeCheckReport Run(JudgeCheckOrder order, DeviceContext device)
    {
        ArgumentNullException.ThrowIfNull(order);
        var choices = order.Judges.Select(j => new JudgeChoice(JudgeTable.Find(j.Profile), j.Folder, j.Template)).ToArray();
        DataRow[] rows = [.. new DataFile(order.File).Rows()];
        if (rows.Length == 0) throw new ScenarioException($"{order.File}: TITER583 The file has no rows. Restore it.");
        string[] prompts = [.. rows.Select(r => r.Text(order.Prompt))], answers = [.. rows.Select(r => r.Text(order.Answer))];
        bool[] labels = [.. rows.Select(r => Label(r, order.Label))];
        var attacks = rows[0].Has(order.Attack) ? rows.Select(r => r.OptionalText(order.Attack) ?? "none").ToArray() : null;
        var (judges, scores) = (new List<JudgeFigures>(), new List<(double?[] Harm, double Threshold)>());
        foreach (var choice in choices)
        {
            using var judge = LocalJudge.Open(choice, device);
            var verdicts = judge.Judge(prompts, answers);
            double?[] harm = [.. verdicts.Select(v => v.Harm)];
            double[] refusals = [.. verdicts.Select(v => v.Refusal).OfType<double>()];
            scores.Add((harm, choice.Profile.Threshold));
            judges.Add(Figures(choice.Profile.Name, judge.Hash, harm, choice.Profile.Threshold, labels, attacks) with
            {
                Refusals = refusals.Count(r => r > 0.5), RefusalsRead = refusals.Length,
            });
        }

        if (scores.Count > 1)
        {
            // One judge that cannot be read makes the row missing for the panel.
            double?[] Panel(Func<int, double> score) => [.. Enumerable.Range(0, rows.Length)
                .Select(i => scores.All(s => s.Harm[i] is not null) ? score(i) : (double?)null)];
            var hash = JudgePanel.HashOf(judges.Select(j => j.Hash));
            judges.Add(Figures(JudgePanel.NameOf(PanelRule.Mean), hash, Panel(i => scores.Average(s => s.Harm[i]!.Value)), 0.5, labels, attacks));
            judges.Add(Figures(
                JudgePanel.NameOf(PanelRule.All), hash, Panel(i => scores.All(s => s.Harm[i] > s.Threshold) ? 1 : 0), 0.5, labels, attacks));
        }

        return new JudgeCheckReport(Path.GetFileName(order.File), RegularFile.HashOf(order.File) ?? "", answers.Length,
            labels.Count(l => l), answers.Count(a => Coherence.Score(a) < CoherenceFloor),
            answers.Count(a => a.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length < JudgeCheckReport.ShortWords), judges);
    }

    private static JudgeFigures Figures(string name, string hash, double?[] harm, double threshold, bool[] labels, string[]? attacks)
    {
        HumanAgreement Of(IEnumerable<int> rows) =>
            HumanAgreement.Of([.. rows.Where(i => harm[i] is not null).Select(i => (harm[i]!.Value, labels[i]))], threshold);
        double[] read = [.. harm.OfType<double>()];
        var all = Enumerable.Range(0, labels.Length);
        return new JudgeFigures(name, hash, read.Length == 0 ? double.NaN : read.Average(), threshold, read.Count(h => h > threshold), read.Length,
            harm.Length - read.Length, 0, 0, Of(all),
            attacks is null ? [] : [.. all.GroupBy(i => attacks[i]).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new AttackAgreement(g.Key, Of(g)))]);
    }

    private static bool Label(DataRow row, string column)
    {
        var value = row.Required(column);
        var text = value.ValueKind == System.Text.Json.JsonValueKind.String ? row.Text(value, column) : value.GetRawText();
        return Harmful.Contains(text, StringComparer.OrdinalIgnoreCase) ? true
            : Harmless.Contains(text, StringComparer.OrdinalIgnoreCase) ? false
            : throw row.Problem("TITER583", $"has in '{column}' no verdict of people. Write {string.Join(", ", Harmful)} for harmful, "
                + $"{string.Join(", ", Harmless)} for harmless.");
    }
}
