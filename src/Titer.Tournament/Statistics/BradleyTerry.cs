using MathNet.Numerics.LinearAlgebra;

namespace Titer.Tournament.Statistics;

/// <summary>
/// Ratings from paired contests (Bradley and Terry 1952, Biometrika 39), by the MM iteration of Hunter (2004, Annals of Statistics 32,
/// equation 3). A draw is half a win for each side.
/// </summary>
public static class BradleyTerry
{
    private const int MostIterations = 10_000;
    private const double Converged = 1e-10;

    /// <param name="wins">[i][j]: how often i beat j.</param>
    /// <param name="prior">Draws that every pair is given beforehand: keeps the ratings of undefeated sides finite.</param>
    /// <returns>Log ratings in nats, mean zero: the odds of i beating j are exp(r[i] - r[j]).</returns>
    public static double[] Ratings(double[,] wins, double prior = 0)
    {
        ArgumentNullException.ThrowIfNull(wins);
        var sides = wins.GetLength(0);
        var strength = Enumerable.Repeat(1.0, sides).ToArray();
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            var next = new double[sides];
            for (var i = 0; i < sides; i++)
            {
                var (won, met) = (0.0, 0.0);
                for (var j = 0; j < sides; j++)
                {
                    if (i == j) continue;
                    won += wins[i, j] + prior / 2;
                    met += (wins[i, j] + wins[j, i] + prior) / (strength[i] + strength[j]);
                }

                next[i] = met > 0 ? Math.Max(won / met, 1e-12) : 1;
            }

            var scale = Math.Exp(next.Average(Math.Log));
            var change = 0.0;
            for (var i = 0; i < sides; i++)
            {
                next[i] /= scale;
                change = Math.Max(change, Math.Abs(next[i] - strength[i]));
            }

            strength = next;
            if (change < Converged) break;
        }

        return [.. strength.Select(s => Math.Log(s))];
    }

    /// <summary>
    /// Covariance of <see cref="Ratings"/>, in square nats: from the curvature of the likelihood at its maximum, with mean zero held.
    /// </summary>
    /// <inheritdoc cref="Ratings"/>
    public static double[,] Covariance(double[,] wins, IReadOnlyList<double> ratings, double prior = 0)
    {
        ArgumentNullException.ThrowIfNull(wins);
        ArgumentNullException.ThrowIfNull(ratings);
        var sides = ratings.Count;
        // The information is a weighted Laplacian; J / n fills its one null direction (all ratings moved alike) and is taken off again.
        var information = Matrix<double>.Build.Dense(sides, sides, 1.0 / sides);
        for (var i = 0; i < sides; i++)
        {
            for (var j = 0; j < sides; j++)
            {
                if (i == j) continue;
                var odds = 1 / (1 + Math.Exp(ratings[j] - ratings[i]));
                var weight = (wins[i, j] + wins[j, i] + prior) * odds * (1 - odds);
                information[i, j] -= weight;
                information[i, i] += weight;
            }
        }

        return (information.Inverse() - Matrix<double>.Build.Dense(sides, sides, 1.0 / sides)).ToArray();
    }
}
