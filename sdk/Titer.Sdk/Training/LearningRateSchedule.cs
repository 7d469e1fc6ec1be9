namespace Titer.Sdk.Training;

/// <summary>Course of the learning rate after warmup.</summary>
public enum LearningRateSchedule
{
    Constant,

    /// <summary>To zero at the last step.</summary>
    Linear,

    /// <summary>Half a cosine, to zero at the last step.</summary>
    Cosine,

    /// <summary>Constant, then linear to zero in the last part (Hu et al. 2024, arXiv 2404.06395; Haegele et al. 2024, arXiv 2405.18392).</summary>
    WarmupStableDecay,

    /// <summary>
    /// Four cosines, each to zero and back to the top (SGDR, Loshchilov and Hutter 2017, arXiv 1608.03983, periods of equal length).
    /// </summary>
    CosineRestarts,
}

internal static class LearningRates
{
    private const int Restarts = 4;

    /// <summary>The learning rate of a step, counted from 0, of <paramref name="steps"/>.</summary>
    public static double At(FineTunerOptions options, int step, int steps)
    {
        var warmup = (int)(options.WarmupRatio * steps);
        if (step < warmup) return options.LearningRate * (step + 1) / warmup;
        var done = (double)(step - warmup) / Math.Max(1, steps - warmup);
        return options.Schedule switch
        {
            LearningRateSchedule.Linear => options.LearningRate * (1 - done),
            LearningRateSchedule.Cosine => options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * done)),
            LearningRateSchedule.CosineRestarts => options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * (Restarts * done % 1))),
            LearningRateSchedule.WarmupStableDecay => options.LearningRate * Math.Min(1, (steps - step) / Math.Max(1, options.DecayRatio * steps)),
            _ => options.LearningRate,
        };
    }
}
