using Titer.Sdk.Testing;
using Titer.Sdk.Testing.Xunit;

namespace MyDefense.Tests;

/// <summary>About twenty facts that every plugin must hold; inherited.</summary>
public sealed class DefenseConformance : DefenseConformanceTests<Defense>
{
    protected override object Create() => new Defense(new DefenseOptions { MaxSteps = 2, BatchSize = 4 });
}

public sealed class PlayTests
{
    [Fact]
    public async Task It_plays_a_match_and_keeps_the_models_utility()
    {
        var result =
            await PluginHarness.Play(new Defense(new DefenseOptions { MaxSteps = 30 }), cancellation: TestContext.Current.CancellationToken);

        Assert.Null(result.Fault);
        Assert.NotNull(result.Conditions);
        Assert.True(result.Conditions.Stability.Estimate > 0.9, result.Conditions.Stability.Explanation);
        Assert.NotEmpty(result.Trajectories);
    }
}
