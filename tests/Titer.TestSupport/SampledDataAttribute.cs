using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Titer.TestSupport;

/// <summary>A case of a theory that starts a process for each: one in three of them is drawn for every run.</summary>
/// <param name="data">The arguments, as for <c>[InlineData]</c>.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class SampledDataAttribute(params object?[] data) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        ArgumentNullException.ThrowIfNull(testMethod);
        var row = new TheoryDataRow(data);
        if (!Sampled.TakesCase($"{testMethod.Name} {string.Join(' ', data)}")) row.Skip = Sampled.Out;
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([row]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
