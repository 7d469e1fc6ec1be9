using System.Globalization;

namespace Titer.Tournament;

/// <summary>How numbers are written, everywhere alike.</summary>
public static class Figures
{
    public static string Compact(double value) =>
        double.IsNaN(value) ? "n/a" : value.ToString(value >= 10 ? "0" : value >= 1 ? "0.#" : "0.##", CultureInfo.InvariantCulture);

    public static string Score(double value) => double.IsNaN(value) ? "n/a" : value.ToString("0.00", CultureInfo.InvariantCulture);
}
