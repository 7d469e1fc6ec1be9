using System.Globalization;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// What a plugin charged, and what its process computed by the clock of whoever supervises it. Steps are a plugin's word; processor time of its
/// process tree is nobody's.
/// </summary>
internal static class ChargedSteps
{
    /// <summary>The field's usual batch: what a step is taken for where only samples are known.</summary>
    public const int SamplesPerStep = 16;

    public const string Code = "TITER241";

    /// <summary>
    /// Passes without gradients, optimizers of its own, neighbors on the same core: what an honest plugin may take more than ordinary training of as
    /// many steps.
    /// </summary>
    public const double MostFactor = 4;

    /// <summary>Loading and compiling the plugin's code, in processor seconds, however few steps it takes.</summary>
    public const double StartSeconds = 1.5;

    /// <summary>Steps, or passes with gradients where those are more than steps come to: a step of several passes is charged as several.</summary>
    public static double Of(long steps, long samples) => Math.Max(steps, (double)samples / SamplesPerStep);

    /// <param name="computed">Seconds that the process took.</param>
    /// <param name="secondsPerStep">Of ordinary training here (<see cref="ReferenceStep"/>).</param>
    /// <returns>The end of a phase whose computing was not charged; null when it was.</returns>
    public static PhaseResult? Overrun(PhaseOrder order, double charged, double computed, double secondsPerStep)
    {
        if (computed <= StartSeconds + MostFactor * charged * secondsPerStep) return null;
        var fact = string.Create(CultureInfo.InvariantCulture,
            $"It charged {Math.Ceiling(charged):0} steps, computed about {Rounded(computed / secondsPerStep):0}: more than {MostFactor:0} times");
        return order.Phase.Failed(PhaseStatus.Invalid, Code, $"{fact} the processor time of as many steps of ordinary training on this subject. "
            + "Train through context.Model alone, call context.Step() after every update, and leave nothing running.");
    }

    /// <summary>To one digit: the same run should read the same.</summary>
    private static double Rounded(double steps)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, steps))));
        return Math.Round(steps / unit) * unit;
    }
}
