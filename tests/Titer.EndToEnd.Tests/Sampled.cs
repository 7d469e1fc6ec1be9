using System.Globalization;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A part of a long list of cases, for every run of the tests; another part with another number: <c>TITER_SAMPLE=7</c>, all of it with
/// <c>TITER_SAMPLE=all</c>.
/// </summary>
internal static class Sampled
{
    public static T[] From<T>(IEnumerable<T> cases, int count)
    {
        T[] all = [.. cases];
        var sample = Environment.GetEnvironmentVariable("TITER_SAMPLE") ?? "1";
        if (sample == "all") return all;
        var seed = int.Parse(sample, CultureInfo.InvariantCulture);
        new Random(seed).Shuffle(all);
        return all[..count];
    }
}
