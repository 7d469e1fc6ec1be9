using System.Globalization;

namespace Titer.EndToEnd.Tests;

/// <summary>A part of a long list of cases, for every run of the tests; another part with another number: <c>TITER_SAMPLE=7</c>.</summary>
internal static class Sampled
{
    public static T[] From<T>(IEnumerable<T> cases, int count)
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("TITER_SAMPLE") ?? "1", CultureInfo.InvariantCulture);
        T[] all = [.. cases];
        new Random(seed).Shuffle(all);
        return all[..count];
    }
}
