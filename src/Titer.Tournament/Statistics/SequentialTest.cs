namespace Titer.Tournament.Statistics;

public enum SequentialVerdict
{
    GoOn,

    /// <summary>The rate is the low one.</summary>
    Rare,

    /// <summary>The rate is the high one.</summary>
    Usual,
}

/// <summary>Wald's sequential probability-ratio test (1945, Annals of Mathematical Statistics 16) of a rate of yes-or-no outcomes.</summary>
/// <param name="LowRate">"Rare" means at most this.</param>
/// <param name="HighRate">"Usual" means at least this.</param>
/// <param name="ErrorRate">Chance of either wrong decision.</param>
public sealed record SequentialTest(double LowRate, double HighRate, double ErrorRate)
{
    /// <summary>The decision after so many outcomes, in any order.</summary>
    public SequentialVerdict Decide(int yes, int no)
    {
        var ratio = yes * Math.Log(HighRate / LowRate) + no * Math.Log((1 - HighRate) / (1 - LowRate));
        var bound = Math.Log((1 - ErrorRate) / ErrorRate);
        return ratio >= bound ? SequentialVerdict.Usual : ratio <= -bound ? SequentialVerdict.Rare : SequentialVerdict.GoOn;
    }
}
