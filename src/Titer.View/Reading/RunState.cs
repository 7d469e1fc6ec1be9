namespace Titer.View.Reading;

/// <summary>What goes on in a results folder.</summary>
internal enum RunState
{
    /// <summary>Nobody has begun a run in it.</summary>
    Empty,

    /// <summary>A process plays in it.</summary>
    Running,

    /// <summary>A process played in it and was ended before it was through; the same command goes on.</summary>
    Stopped,

    /// <summary>Every phase of the board has a result.</summary>
    Finished,

    /// <summary>It cannot be read as a results folder.</summary>
    Damaged,
}
