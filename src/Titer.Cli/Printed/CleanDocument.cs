namespace Titer.Cli.Printed;

/// <summary>What <c>clean --json</c> prints.</summary>
/// <param name="Results">The results folder.</param>
/// <param name="IsDryRun">Nothing was removed: this is what would go.</param>
/// <param name="BytesFreed">Or would be.</param>
/// <param name="IsSmallEnough">The folder has no more than was asked for; true where nothing was.</param>
internal sealed record CleanDocument(string Results, bool IsDryRun, long BytesBefore, long BytesFreed, bool IsSmallEnough,
    IReadOnlyList<CleanedItem> Items);

/// <summary>Something that goes.</summary>
/// <param name="Place">Relative to the results folder.</param>
/// <param name="What">What it is: a clause.</param>
/// <param name="Loses">What can no longer be done without it; null where nothing needs it.</param>
internal sealed record CleanedItem(string Place, string What, long Bytes, string? Loses);
