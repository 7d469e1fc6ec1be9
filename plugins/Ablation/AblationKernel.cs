namespace Titer.Attacks;

/// <summary>
/// How strongly a component is edited in each block: <paramref name="Peak"/> at <paramref name="Position"/>, falling linearly to
/// <paramref name="Floor"/> at <paramref name="Width"/> blocks from it, nothing beyond (the kernel of p-e-w/heretic).
/// </summary>
/// <param name="Position">In blocks from 0; need not be whole.</param>
internal sealed record AblationKernel(double Peak, double Position, double Floor, double Width)
{
    /// <summary>Dimensions of the cube that <see cref="At"/> reads.</summary>
    public const int Dimensions = 4;

    /// <summary>1 takes a direction out whole; beyond it is turned around.</summary>
    public const double MostWeight = 1.5;

    public double Weight(int block)
    {
        var distance = Math.Abs(block - Position);
        return distance > Width ? 0 : Peak + (Floor - Peak) * distance / Width;
    }

    /// <summary>The kernel at a point of the unit cube.</summary>
    public static AblationKernel At(ReadOnlySpan<double> point, int blocks)
    {
        var peak = MostWeight * point[0];
        return new AblationKernel(peak, point[1] * (blocks - 1), peak * point[2], 1 + point[3] * (blocks - 1));
    }
}
