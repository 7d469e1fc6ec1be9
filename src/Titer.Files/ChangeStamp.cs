namespace Titer.Files;

/// <summary>
/// Differs when a file was written, replaced, renamed over or given other rights: inode, length, and the times of its last writing and of its last
/// change of any kind. Programs can set the first of the times back, and not the second. Within the grain of the file system's clock, a hundredth
/// of a second or two, a change is not seen.
/// </summary>
public readonly record struct ChangeStamp(long Inode, long Bytes, long WrittenNanoseconds, long ChangedNanoseconds);
