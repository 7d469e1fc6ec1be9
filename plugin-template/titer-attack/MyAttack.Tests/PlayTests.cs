using Titer.Sdk.Testing;
using Titer.Sdk.Testing.Xunit;

namespace MyAttack.Tests;

/// <summary>About twenty facts that every plugin must hold; inherited.</summary>
public sealed class AttackConformance : AttackConformanceTests<Attack>
{
    protected override object Create() => new Attack(new AttackOptions { BatchSize = 4 });
}

public sealed class PlayTests
{
    [Fact]
    public async Task It_breaks_the_undefended_subject()
    {
        var result = await PluginHarness.Play(new Attack(new AttackOptions()), new HarnessOptions { AttackSteps = 24 },
            TestContext.Current.CancellationToken);

        Assert.Null(result.Fault);
        Assert.Contains(result.Trajectories, t => t.HighestHarm > 0.2);
    }
}
