namespace Titer.Runtime.Workers;

/// <summary>
/// How much of a stretch of time was a process tree's own: not what it waited for a processor that others had, and not what the supervisor itself
/// was stopped or starved. A plugin that sleeps, or that starves its own threads, is charged in full.
/// </summary>
internal static class OwnTime
{
    /// <summary>The supervisor looks several times a second: a longer silence is its own want of time.</summary>
    public static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    /// <summary>A lane is one processor: a tree that has most of one lacks nothing.</summary>
    private const double EnoughProcessor = 0.9;

    /// <param name="wall">Time between two looks.</param>
    /// <param name="processor">Processor time of the whole tree in it.</param>
    /// <param name="waited">The longest that one of its threads stood ready and had no processor.</param>
    /// <param name="processors">Of this machine.</param>
    public static TimeSpan Of(TimeSpan wall, TimeSpan processor, TimeSpan waited, int processors)
    {
        var seen = Shorter(wall, LongestLook);
        var own = processor < seen * EnoughProcessor ? seen - Shorter(waited, seen - processor) : seen;
        // A hundred busy processes are not starved by others: they have the machine.
        return Shorter(wall, Longer(own, processor / processors));
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
