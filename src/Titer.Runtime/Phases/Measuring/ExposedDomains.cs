using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>Which forbidden domains an attack trains on, and is measured on.</summary>
internal static class ExposedDomains
{
    public static string[] Of(Exposure exposure, ForbiddenDomains domains) => exposure switch
    {
        Exposure.InDomain => [.. domains.Known],
        Exposure.CrossDomain => [.. domains.Withheld],
        _ => [.. domains.Known, .. domains.Withheld],
    };
}
