using System.Globalization;

namespace Titer.Tournament.Scoring;

/// <summary>
/// What programs of their own cost, defenses and attacks alike: their steps are their word, and their seconds are measured from outside. A program
/// whose seconds are far more than ordinary training of as many steps takes here is marked.
/// </summary>
internal static class ProgramCost
{
    /// <summary>An interpreter and its libraries, loaded, in processor seconds of one phase.</summary>
    private const double StartSeconds = 10;

    /// <summary>Passes without gradients, optimizers of its own, a slower language.</summary>
    private const double MostFactor = 4;

    public static IEnumerable<string> Said(PlayedCells played)
    {
        string[] defenses = Labels(played.Spec.Defenses), attacks = Labels(played.Spec.Attacks);
        if (defenses.Length + attacks.Length == 0) yield break;
        yield return $"The steps of {string.Join(", ", defenses.Concat(attacks))} are the word of a program of its own; its seconds are measured.";
        if (SecondsPerStep(played, attacks) is not { } speed) yield break;
        foreach (var defense in defenses)
            if (Marked(defense, Done(played, p => p.Kind == PhaseKind.Defend && p.Defense.Label == defense), speed) is { } marked)
                yield return marked;
        foreach (var attack in attacks)
            if (Marked(attack, Done(played, p => p.Kind == PhaseKind.Attack && p.Attack!.Label == attack), speed) is { } marked) yield return marked;
    }

    private static string[] Labels(IEnumerable<Entrant> entrants) =>
        [.. entrants.Where(e => e is { Origin: EntrantOrigin.Program, Twin: 0 }).Select(e => e.Label)];

    private static PhaseResult[] Done(PlayedCells played, Func<Phase, bool> isOf) =>
        [.. played.Plan.Phases.Where(isOf).Select(p => played.Results.GetValueOrDefault(p.Id)).OfType<PhaseResult>()
            .Where(r => r.Status == PhaseStatus.Done)];

    /// <param name="speed">Seconds of a step of ordinary training.</param>
    private static string? Marked(string program, PhaseResult[] done, double speed)
    {
        var (steps, seconds) = (done.Sum(r => (double)r.Spent.Steps), done.Sum(r => r.ProcessorSeconds ?? r.Spent.WallSeconds));
        return seconds <= (done.Length * StartSeconds) + (MostFactor * steps * speed) ? null : string.Create(CultureInfo.InvariantCulture,
            $"{program} says that it took {steps:0} steps and computed {seconds:0} seconds, as long as "
                + $"about {Rounded(seconds / speed):0} steps ")
            + "of ordinary training on this subject: what it cost is those seconds.";
    }

    /// <summary>Of ordinary training: the median over attacks by their own seconds. Null where none trained.</summary>
    /// <param name="programs">Attacks whose steps are their word: nothing is measured by those.</param>
    private static double? SecondsPerStep(PlayedCells played, string[] programs)
    {
        double[] speeds =
        [
            .. played.Results.Values.Where(r => r is { Kind: PhaseKind.Attack, Status: PhaseStatus.Done, Spent: { Steps: > 0, WallSeconds: > 0 } })
                .Where(r => !programs.Contains(r.Attack)).Select(r => r.Spent.WallSeconds / r.Spent.Steps).Order(),
        ];
        return speeds.Length == 0 ? null : speeds[speeds.Length / 2];
    }

    /// <summary>To one digit: the same run should read the same.</summary>
    private static double Rounded(double steps)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, steps))));
        return Math.Round(steps / unit) * unit;
    }
}
