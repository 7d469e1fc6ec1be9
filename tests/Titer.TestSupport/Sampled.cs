using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Titer.TestSupport;

/// <summary>
/// A part of what takes long, for every run of the tests: of a long list of cases (<see cref="From{T}"/>), of the cases of some
/// theories (<see cref="SampledDataAttribute"/>), and of the long tests (<see cref="SampledFactAttribute"/>). Another part with another number:
/// <c>TITER_SAMPLE=3</c>, all of it with <c>TITER_SAMPLE=all</c>.
/// </summary>
internal static class Sampled
{
    public const string Out = "Not in this sample of the long tests: TITER_SAMPLE=3 draws another, TITER_SAMPLE=all plays all of them.";

    /// <summary>Of so many long tests one is drawn.</summary>
    private const int Share = 8;

    /// <summary>Of so many cases of a theory one is drawn.</summary>
    private const int ShareOfCases = 3;

    private const string Usual = "1";

    private static readonly string Sample = Environment.GetEnvironmentVariable("TITER_SAMPLE") ?? Usual;

    /// <summary>Whether the long test of this name is drawn; each is, with one number of 1 to 8.</summary>
    public static bool Takes(string test) => IsDrawn(test, Share);

    /// <summary>Whether the case of this name is drawn; each is, with one number of 1 to 3.</summary>
    public static bool TakesCase(string name) => IsDrawn(name, ShareOfCases);

    public static T[] From<T>(IEnumerable<T> cases, int count)
    {
        T[] all = [.. cases];
        if (Sample == "all") return all;
        new Random(int.Parse(Sample, CultureInfo.InvariantCulture)).Shuffle(all);
        return all[..count];
    }

    private static bool IsDrawn(string name, int share) =>
        Sample == "all" || SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % share == int.Parse(Sample, CultureInfo.InvariantCulture) % share;
}
