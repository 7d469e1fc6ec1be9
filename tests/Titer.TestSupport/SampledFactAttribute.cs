using System.Runtime.CompilerServices;

namespace Titer.TestSupport;

/// <summary>A test of more than some ten seconds on a quiet machine: one in eight of them is drawn for every run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledFactAttribute : FactAttribute
{
    public SampledFactAttribute([CallerMemberName] string test = "", [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!Sampled.Takes(test)) Skip = Sampled.Out;
    }
}
