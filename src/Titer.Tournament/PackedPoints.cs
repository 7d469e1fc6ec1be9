using System.Collections;

namespace Titer.Tournament;

/// <summary>
/// The points of a trajectory as many results keep them: their figures side by side, and the scores of all points in one run of bits each. As
/// objects the million points of a hundred thousand results are most of the memory, and of what a collector looks through. A point is made when it
/// is asked for.
/// </summary>
/// <param name="Harm">Of all points, templates and prompts, in this order.</param>
/// <param name="HarmCoherence">Of the same answers; null where no point has any.</param>
/// <param name="Utility">Of all points and benign prompts.</param>
/// <param name="Templates">Rows of a point's tables.</param>
/// <param name="HarmPrompts">Columns of a point's tables.</param>
/// <param name="UtilityPrompts">Length of a point's row.</param>
internal sealed record PackedPoints(PointFigures[] Figures, ScoreBits Harm, ScoreBits? HarmCoherence, ScoreBits Utility,
    int Templates, int HarmPrompts, int UtilityPrompts) : IReadOnlyList<Checkpoint>
{
    public int Count => Figures.Length;

    public Checkpoint this[int index]
    {
        get
        {
            var (figures, answers) = (Figures[index], Templates * HarmPrompts);
            return new Checkpoint
            {
                Step = figures.Step, Samples = figures.Samples, Tokens = figures.Tokens, Flops = figures.Flops,
                DeviceSeconds = figures.DeviceSeconds, HarmUnread = figures.HarmUnread, Coherence = figures.Coherence,
                Harm = new ScoreTable(Harm, index * answers, Templates, HarmPrompts),
                HarmCoherence = HarmCoherence is { } coherence ? new ScoreTable(coherence, index * answers, Templates, HarmPrompts) : null,
                Utility = new ScoreRow(Utility, index * UtilityPrompts, UtilityPrompts),
            };
        }
    }

    /// <summary>Packs points; those that are not alike stay as they are, for whoever checks them to see.</summary>
    public static IReadOnlyList<Checkpoint> Of(IReadOnlyList<Checkpoint> points, SharedScores shared)
    {
        if (points.Count == 0 || points[0] is not { Harm: ScoreTable { Count: > 0 } first, Utility: ScoreRow utility } point) return points;
        var (harm, coherence, benign) = (new ScoreRow[points.Count], new ScoreRow[points.Count], new ScoreRow[points.Count]);
        for (var t = 0; t < points.Count; t++)
        {
            if (points[t] is not { Harm: ScoreTable table, Utility: ScoreRow row } next || !AreAlike(table, first) || row.Count != utility.Count
                || (next.HarmCoherence is null) != (point.HarmCoherence is null)) return points;
            (harm[t], benign[t]) = (table.Scores, row);
            if (next.HarmCoherence is null) continue;
            if (next.HarmCoherence is not ScoreTable sense || !AreAlike(sense, first)) return points;
            coherence[t] = sense.Scores;
        }

        var has = point.HarmCoherence is not null;
        if (ScoreBits.Joined(harm, shared) is not { } harmBits || ScoreBits.Joined(benign, shared) is not { } utilityBits) return points;
        var coherenceBits = has ? ScoreBits.Joined(coherence, shared) : null;
        if (has && coherenceBits is null) return points;
        PointFigures[] figures = [.. points.Select(p => new PointFigures(p.Step, p.HarmUnread, p.Samples, p.Tokens, p.Flops, p.DeviceSeconds,
            p.Coherence))];
        return new PackedPoints(figures, harmBits, coherenceBits, utilityBits, first.Count, first.Width, utility.Count);
    }

    public IEnumerator<Checkpoint> GetEnumerator()
    {
        for (var t = 0; t < Count; t++) yield return this[t];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool AreAlike(ScoreTable one, ScoreTable other) => one.Count == other.Count && one.Width == other.Width;
}

/// <summary>What a point of a trajectory has beside its scores; the units are those of <see cref="Checkpoint"/>.</summary>
internal readonly record struct PointFigures(int Step, int HarmUnread, long Samples, long Tokens, double Flops, double DeviceSeconds,
    double Coherence);
