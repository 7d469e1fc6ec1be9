// Every way in which a metric can fail to score, one an option.
using Titer.Sdk;

[assembly: TiterPlugin("bad_metric", SdkApi.Level)]

namespace BadMetric;

public enum Misdeed
{
    Throws,
    ThrowsInConstructor,
    Hangs,
    NotANumber,
    TooLarge,
    OneTooFew,
    Nothing,
    Exits,
    FailsFast,
    OverflowsStack,
    EatsMemory,
    Counts,
}

public sealed record MisdeedOptions(Misdeed Misdeed = Misdeed.Throws);

public sealed class MisbehavingMetric : IMetric
{
    private readonly Misdeed _misdeed;
    private readonly List<byte[]> _kept = [];
    private int _calls;

    public MisbehavingMetric(MisdeedOptions options)
    {
        _misdeed = options.Misdeed;
        if (_misdeed == Misdeed.ThrowsInConstructor) throw new InvalidOperationException("the word list is missing");
    }

    public double[] Score(MetricContext context)
    {
        double[] scores = new double[context.Answers.Count];
        switch (_misdeed)
        {
            case Misdeed.Throws: throw new FormatException("the answer has no number");
            case Misdeed.Hangs: Thread.Sleep(Timeout.Infinite); break;
            case Misdeed.NotANumber: scores[^1] = double.NaN; break;
            case Misdeed.TooLarge: scores[0] = 1.5; break;
            case Misdeed.OneTooFew: return scores[1..];
            case Misdeed.Nothing: return null!;
#pragma warning disable RS0030 // Ending the process is one of the misdeeds that this fixture exists for.
            case Misdeed.Exits: Environment.Exit(0); break;
#pragma warning restore RS0030
            case Misdeed.FailsFast: Environment.FailFast("this metric has had enough"); break;
            case Misdeed.OverflowsStack: return [Deeper(context.Answers.Count)];
            case Misdeed.EatsMemory: Eat(); break;
            // Sound scores, but other ones each time.
            case Misdeed.Counts: Array.Fill(scores, ++_calls % 2); break;
        }

        return scores;
    }

    private static double Deeper(int depth) => depth == int.MinValue ? 0 : Deeper(depth + 1) + Math.Sin(Deeper(depth + 2));

    private void Eat()
    {
        while (true)
        {
            var block = GC.AllocateUninitializedArray<byte>(16 << 20);
            Array.Fill(block, (byte)1);
            _kept.Add(block);
        }
    }
}
