using System.Runtime.CompilerServices;

namespace Titer.TestSupport;

/// <summary>A test with cases of which one takes more than some seconds: drawn as <see cref="SampledFactAttribute"/> is.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampledTheoryAttribute : TheoryAttribute
{
    public SampledTheoryAttribute([CallerMemberName] string test = "", [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!Sampled.Takes(test)) Skip = Sampled.Out;
    }
}
