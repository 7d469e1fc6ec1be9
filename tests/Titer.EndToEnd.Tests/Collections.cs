namespace Titer.EndToEnd.Tests;

/// <summary>
/// Tests that want the machine to themselves: they measure it, look at all of its processes, or take all of it. They play after the others, which
/// play side by side: a tournament waits more than it computes.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>Tests that play <c>sleeps_long</c>, one after the other: one of them kills whatever worker plays it.</summary>
[CollectionDefinition(Name)]
public sealed class Sleepers
{
    public const string Name = "sleepers";
}
