using Titer.Tournament.Statistics;

namespace Titer.Tournament.Tests.Statistics;

public sealed class MeanBoundsTests
{
    /// <summary>0.21 twenty times has a mean that is not 0.21 to the last bit, and so a spread.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(0.21)]
    [InlineData(0.9)]
    public void Prompts_that_agree_leave_as_much_doubt_at_every_score(double score) =>
        Assert.Equal(score * 0.7411344491069477, new MeanBounds().Lower([.. Enumerable.Repeat(score, 20)], 0.0025), 1e-12);
}
