namespace Titer.Tournament.Statistics;

/// <summary>
/// The most likely masses of interval-censored times, by the hybrid algorithm of Wellner and Zhan (1997, J. Am. Stat. Assoc. 92, 945-959): in turns
/// a step of self-consistency (Turnbull 1976) and one of the iterative convex minorant (Groeneboom and Wellner 1992), which is shortened until the
/// likelihood rises (Jongbloed 1998, J. Comput. Graph. Stat. 7, 310-321). Self-consistency alone takes thousands of steps where most masses are
/// zero. A time covers support intervals that lie side by side, so that all is said in cumulative masses, and a step costs as much as there are
/// times and intervals, not their product.
/// </summary>
internal sealed class HybridFit
{
    private const int MostIterations = 20_000;

    /// <summary>Of a mass.</summary>
    private const double Converged = 1e-12;

    /// <summary>Of the mean log likelihood: no masses have one that is higher by more (Fenchel's duality).</summary>
    private const double MostBelowBest = 1e-10;
    private const double ShortestStep = 1e-6;

    private readonly Cover[] _covers;

    /// <summary>Cumulative masses: 0 before the first interval, 1 after the last.</summary>
    private readonly double[] _sums;

    // By boundary, like the sums.
    private readonly double[] _gradient;
    private readonly double[] _curvature;
    private readonly double[] _aim;
    private readonly double[] _trial;

    private HybridFit(Cover[] covers, int intervals)
    {
        _covers = covers;
        _sums = [.. Enumerable.Range(0, intervals + 1).Select(k => k / (double)intervals)];
        (_gradient, _curvature, _aim, _trial) = (new double[intervals + 1], new double[intervals + 1], new double[intervals + 1], [.. _sums]);
    }

    /// <summary>Boundaries of the intervals that a time covers.</summary>
    /// <param name="Part">Of all times.</param>
    private readonly record struct Cover(int From, int To, double Part);

    /// <param name="times">Each covers at least one of the intervals.</param>
    /// <param name="support">Innermost intervals, by rising time.</param>
    /// <returns>A mass for each interval; their sum is 1.</returns>
    public static double[] Masses(BreachTime[] times, List<BreachTime> support)
    {
        var fit = new HybridFit(
            [.. times
                .GroupBy(t => (From: support.FindIndex(s => t.After <= s.After && s.By <= t.By),
                    To: support.FindLastIndex(s => t.After <= s.After && s.By <= t.By) + 1))
                .Select(g => new Cover(g.Key.From, g.Key.To, g.Count() / (double)times.Length))],
            support.Count);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            var (change, belowBest) = fit.SelfConsistencyStep();
            if (change < Converged && belowBest < MostBelowBest) break;
            // Where rounding hides what is left to gain, neither step moves.
            if (!fit.ConvexMinorantStep() && change < Converged) break;
        }

        return [.. fit._sums.Skip(1).Zip(fit._sums, (after, before) => after - before)];
    }

    /// <returns>The largest change of a mass, and a bound of what the mean log likelihood was below the highest.</returns>
    private (double Change, double BelowBest) SelfConsistencyStep()
    {
        Array.Clear(_gradient);
        foreach (var (from, to, part) in _covers)
        {
            var share = part / (_sums[to] - _sums[from]);
            _gradient[from] += share;
            _gradient[to] -= share;
        }

        var (shares, before, change, most) = (0.0, 0.0, 0.0, 0.0);
        for (var k = 1; k < _sums.Length; k++)
        {
            shares += _gradient[k - 1];
            var mass = _sums[k] - before;
            before = _sums[k];
            // What is left of a difference that is zero may lie below it.
            var next = Math.Max(0, mass * shares);
            (change, most) = (Math.Max(change, Math.Abs(next - mass)), Math.Max(most, shares));
            _sums[k] = _sums[k - 1] + next;
        }

        return (change, most - 1);
    }

    /// <summary>Newton's step with the curvature of each boundary alone, made to rise.</summary>
    /// <returns>Whether a step in its direction was more likely.</returns>
    private bool ConvexMinorantStep()
    {
        Array.Clear(_gradient);
        Array.Clear(_curvature);
        foreach (var (from, to, part) in _covers)
        {
            var share = part / (_sums[to] - _sums[from]);
            var bend = share * share / part;
            _gradient[from] -= share;
            _gradient[to] += share;
            _curvature[from] += bend;
            _curvature[to] += bend;
        }

        var last = _sums.Length - 1;
        for (var k = 1; k < last; k++) _aim[k] = _sums[k] + _gradient[k] / _curvature[k];
        IsotonicRegression.Of(_aim.AsSpan(1..last), _curvature.AsSpan(1..last));
        var now = LogLikelihood(_sums);
        for (var step = 1.0; step >= ShortestStep; step /= 2)
        {
            for (var k = 1; k < last; k++) _trial[k] = _sums[k] + step * (Math.Clamp(_aim[k], 0, _sums[last]) - _sums[k]);
            _trial[last] = _sums[last];
            if (!(LogLikelihood(_trial) > now)) continue;
            _trial.CopyTo(_sums, 0);
            return true;
        }

        return false;
    }

    private double LogLikelihood(double[] sums)
    {
        var sum = 0.0;
        foreach (var (from, to, part) in _covers) sum += part * Math.Log(sums[to] - sums[from]);
        return sum;
    }
}
