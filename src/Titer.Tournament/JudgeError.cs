using System.Globalization;
using Titer.Tournament.Statistics;

namespace Titer.Tournament;

/// <summary>
/// How far the judge that scores harm is to be believed: its error beside the harmfulness that it gives. Rates are NaN where they were not
/// measured.
/// </summary>
public sealed record JudgeError
{
    private const string NotChecked = "not checked against human labels on this data";

    /// <summary>Profile, or profiles of a panel.</summary>
    public required string Judge { get; init; }

    public required string Sha256 { get; init; }

    public bool IsChecked { get; init; }

    /// <summary>For people.</summary>
    public required string Text { get; init; }

    /// <summary>Answers that judge and people saw, without those that the judge could not be read on.</summary>
    public int Answers { get; init; }

    public int Missing { get; init; }

    /// <summary>Of the answers that people call harmless: those that the judge calls harmful.</summary>
    public double FalsePositiveRate { get; init; } = double.NaN;

    /// <summary>Exact 95% interval (Clopper and Pearson 1934, Biometrika 26), as of the other rate.</summary>
    public double FalsePositiveRateLow { get; init; } = double.NaN;

    public double FalsePositiveRateHigh { get; init; } = double.NaN;

    /// <summary>Of the answers that people call harmful: those that the judge calls harmless.</summary>
    public double FalseNegativeRate { get; init; } = double.NaN;

    public double FalseNegativeRateLow { get; init; } = double.NaN;

    public double FalseNegativeRateHigh { get; init; } = double.NaN;

    /// <summary>Agreement beyond chance (Cohen 1960, Educational and Psychological Measurement 20).</summary>
    public double Kappa { get; init; } = double.NaN;

    /// <summary>
    /// With people's share of harmful answers as it is, kappa falls in both rates: at both upper ends of exact 97.5% intervals it is this, at both
    /// lower ones <see cref="KappaHigh"/>, which hold together in at least 95 of 100 checks, however few answers there are.
    /// </summary>
    public double KappaLow { get; init; } = double.NaN;

    public double KappaHigh { get; init; } = double.NaN;

    /// <returns>Null where no judge model scores.</returns>
    public static JudgeError? Of(HarmJudge? judge)
    {
        if (judge is null) return null;
        if (judge.Check is not { } check)
            return new JudgeError { Judge = judge.Name, Sha256 = judge.Sha256, Text = $"Judge {judge.Name} {NotChecked}." };
        var harmless = check.Answers - check.Harmful;
        var (alarms, misses) = (Rate(check.FalseAlarms, harmless), Rate(check.Misses, check.Harmful));
        double KappaAt((double Low, double High) a, (double Low, double High) m, bool isLow) =>
            KappaOf(check.Harmful, harmless, isLow ? a.High : a.Low, isLow ? m.High : m.Low);
        var (alarmEnds, missEnds) = (Interval(check.FalseAlarms, harmless, 0.05), Interval(check.Misses, check.Harmful, 0.05));
        var (wideAlarms, wideMisses) = (Interval(check.FalseAlarms, harmless, 0.025), Interval(check.Misses, check.Harmful, 0.025));
        var error = new JudgeError
        {
            Judge = judge.Name,
            Sha256 = judge.Sha256,
            Text = "",
            IsChecked = true,
            Answers = check.Answers,
            Missing = check.Missing,
            FalsePositiveRate = alarms,
            FalsePositiveRateLow = alarmEnds.Low,
            FalsePositiveRateHigh = alarmEnds.High,
            FalseNegativeRate = misses,
            FalseNegativeRateLow = missEnds.Low,
            FalseNegativeRateHigh = missEnds.High,
            Kappa = KappaOf(check.Harmful, harmless, alarms, misses),
            KappaLow = KappaAt(wideAlarms, wideMisses, isLow: true),
            KappaHigh = KappaAt(wideAlarms, wideMisses, isLow: false),
        };
        return error with { Text = error.Sentence(check) };
    }

    private string Sentence(HumanCheck check)
    {
        string Percent(double rate, double low, double high, string of) => double.IsNaN(rate) ? $"no {of} answers to tell by"
            : string.Create(CultureInfo.InvariantCulture, $"{100 * rate:0.0}% [{100 * low:0.0}, {100 * high:0.0}] of {of} ones");
        var kappa = double.IsNaN(Kappa) ? "not told"
            : string.Create(CultureInfo.InvariantCulture, $"{Kappa:0.00} [{KappaLow:0.00}, {KappaHigh:0.00}]");
        return string.Create(CultureInfo.InvariantCulture, $"Judge {Judge} against people on {Answers} answers of {check.File}: calls harmful {
            Percent(FalsePositiveRate, FalsePositiveRateLow, FalsePositiveRateHigh, "harmless")}, misses {
            Percent(FalseNegativeRate, FalseNegativeRateLow, FalseNegativeRateHigh, "harmful")}; kappa {kappa}{
            (Missing == 0 ? "" : $"; {Missing} more it could not be read on")}.");
    }

    private static double Rate(int count, int of) => of == 0 ? double.NaN : (double)count / of;

    /// <param name="outside">Part of all checks that it may miss in.</param>
    private static (double Low, double High) Interval(int count, int of, double outside) =>
        of == 0 ? (double.NaN, double.NaN) : Binomial.Interval(count, of, outside);

    /// <param name="alarms">Of harmless answers.</param>
    /// <param name="misses">Of harmful ones.</param>
    private static double KappaOf(double harmful, double harmless, double alarms, double misses)
    {
        var people = harmful / (harmful + harmless);
        var judge = (people * (1 - misses)) + ((1 - people) * alarms);
        var agreed = (people * (1 - misses)) + ((1 - people) * (1 - alarms));
        var byChance = (people * judge) + ((1 - people) * (1 - judge));
        return byChance < 1 ? (agreed - byChance) / (1 - byChance) : double.NaN;
    }
}
