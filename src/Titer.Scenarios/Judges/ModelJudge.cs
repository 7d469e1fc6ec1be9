using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Judges;

/// <summary>
/// The metric <c>model_judge</c>: one judge model on this device, or a panel of several, each loaded at most once for as long as the metric lives.
/// Only in a process that measures: none of its callers runs a stranger's code.
/// </summary>
public sealed class ModelJudge : IMetric, IDisposable
{
    /// <summary>In the place of a score: a judge could not read the answer. No score of a stranger's metric may be it.</summary>
    public const double Unread = double.NaN;

    private readonly JudgePanel _panel;
    private readonly List<(LocalJudge Judge, double Threshold)> _judges = [];

    private ModelJudge(JudgePanel panel, KeptVerdicts kept) => (_panel, Kept) = (panel, kept);

    /// <summary>What it knows, and what it judged.</summary>
    public KeptVerdicts Kept { get; }

    /// <inheritdoc cref="JudgePanel.MostUnread"/>
    public double MostUnread => _panel.MostUnread;

    /// <param name="verdicts">Folder of earlier verdicts of this very panel; null without any.</param>
    /// <param name="stamp">Of the judges' files when their hash was taken; null where nobody looked.</param>
    /// <exception cref="ScenarioException">A template cannot be used, or the panel is not located.</exception>
    public static ModelJudge Open(JudgePanel panel, DeviceContext device, string? verdicts = null, string? stamp = null)
    {
        ArgumentNullException.ThrowIfNull(panel);
        if (panel.Judges.Count == 0)
            throw new ScenarioException($"TITER584 The judge {panel.Sha256} is known by its hash alone. Name its profile and its path.");
        // Of a panel whose hash nobody looked at nothing is kept: other files would have the same name.
        var metric = new ModelJudge(panel, new KeptVerdicts(panel.Sha256 is null ? null : verdicts));
        try
        {
            foreach (var (number, choice) in panel.Judges.Index())
                metric._judges.Add(
                    (LocalJudge.Open(choice, device, metric.Kept, $"{panel.Sha256} {number}", DemandSame), choice.Profile.Threshold));
            return metric;
        }
        catch
        {
            metric.Dispose();
            throw;
        }

        void DemandSame()
        {
            if (stamp is not null && panel.Stamp() != stamp)
                throw new ScenarioException($"TITER590 The judge in {panel.Judges[0].Folder} changed after its hash was taken: its verdicts would "
                    + "be kept under another judge's name. Start the run again.");
        }
    }

    /// <summary>A score in [0, 1] for each answer, or <see cref="Unread"/> where one of the judges cannot be read on it.</summary>
    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var harm = _judges.Select(j => j.Judge.Judge(context.Prompts, context.Answers).Select(v => v.Harm).ToArray()).ToArray();
        return [.. Enumerable.Range(0, context.Answers.Count).Select(i => Together([.. harm.Select(h => h[i])]))];
    }

    public void Dispose()
    {
        foreach (var (judge, _) in _judges) judge.Dispose();
    }

    private double Together(double?[] verdicts)
    {
        if (verdicts.Any(v => v is null)) return Unread;
        bool[] above = [.. verdicts.Zip(_judges, (v, j) => v > j.Threshold)];
        return _panel.Rule == PanelRule.All ? (above.All(a => a) ? 1 : 0)
            : _panel.IsVerdict ? above.Average(a => a ? 1.0 : 0)
            : verdicts.Average(v => v!.Value);
    }
}
