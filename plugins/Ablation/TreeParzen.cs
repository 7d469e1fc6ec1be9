using Titer.Sdk;

namespace Titer.Attacks;

/// <summary>
/// Tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", section 4), one dimension at a time, over
/// the unit cube: draws where good points are dense and others are not. Points of the first trials are uniform. As in Optuna: a tenth of the trials,
/// 25 at most, are the good ones; 24 candidates; kernels as wide as the way to their farther neighbor.
/// </summary>
internal sealed class TreeParzen(int dimensions, int startupTrials, SeededRandom random)
{
    private const int Candidates = 24;
    private const int MostGood = 25;
    private readonly List<(double[] Point, double Value)> _trials = [];

    /// <summary>The best point so far; lower values are better. Of equal ones the first.</summary>
    public (double[] Point, double Value) Best => _trials.MinBy(t => t.Value);

    /// <summary>A point to try: numbers in [0, 1].</summary>
    public double[] Suggest()
    {
        var point = new double[dimensions];
        if (_trials.Count < startupTrials)
        {
            for (var d = 0; d < dimensions; d++) point[d] = random.NextDouble();
            return point;
        }

        var ordered = _trials.OrderBy(t => t.Value).ToArray();
        var good = Math.Min((ordered.Length + 9) / 10, MostGood);
        for (var d = 0; d < dimensions; d++)
        {
            var (likely, unlikely) = (new Mixture([.. ordered[..good].Select(t => t.Point[d])]),
                new Mixture([.. ordered[good..].Select(t => t.Point[d])]));
            point[d] = Enumerable.Range(0,
                Candidates).Select(_ => likely.Draw(random)).MaxBy(x => Math.Log(likely.Density(x)) - Math.Log(unlikely.Density(x)));
        }

        return point;
    }

    public void Tell(double[] point, double value) => _trials.Add((point, value));

    /// <summary>Gaussians at the points, cut to [0, 1], and a flat prior as one more of them.</summary>
    private sealed class Mixture
    {
        private readonly (double Mean, double Width)[] _kernels;

        public Mixture(double[] points)
        {
            double[] sorted = [.. points.Order()];
            // Not narrower than what the number of points can resolve, as Optuna's magic clip has it.
            var least = 1.0 / Math.Min(100, 1 + sorted.Length);
            _kernels =
            [
                (0.5, 1),
                .. sorted.Select((x, i) =>
                    (x, Math.Clamp(Math.Max(x - (i == 0 ? 0 : sorted[i - 1]), (i == sorted.Length - 1 ? 1 : sorted[i + 1]) - x), least, 1))),
            ];
        }

        public double Draw(SeededRandom random)
        {
            var (mean, width) = _kernels[random.Next(_kernels.Length)];
            while (true)
            {
                // Box and Muller; what falls outside of the cube is drawn again.
                var x = mean + width * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                if (x is >= 0 and <= 1) return x;
            }
        }

        public double Density(double x) => _kernels.Sum(kernel => At(x, kernel.Mean, kernel.Width)) / _kernels.Length;

        private static double At(double x, double mean, double width) =>
            Bell((x - mean) / width) / (width * (Below((1 - mean) / width) - Below(-mean / width)));

        private static double Bell(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

        /// <summary>The normal distribution function, to 1e-7 (Abramowitz and Stegun, 26.2.17).</summary>
        private static double Below(double z)
        {
            if (z < 0) return 1 - Below(-z);
            var t = 1 / (1 + 0.2316419 * z);
            return 1 - Bell(z) * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        }
    }
}
