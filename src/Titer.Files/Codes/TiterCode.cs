namespace Titer.Files.Codes;

/// <summary>What one code means.</summary>
/// <param name="Code">For example <c>TITER218</c>. Published: it never changes its meaning, and the number of one that is gone stays unused.</param>
/// <param name="Rooms">Folders below <c>src</c> or <c>sdk</c> that say it. More than one is rare, and each must mean the same by it.</param>
/// <param name="Meaning">The fact, in one line.</param>
/// <param name="Cause">Where it comes from.</param>
/// <param name="Fix">What helps.</param>
public sealed record TiterCode(string Code, IReadOnlyList<string> Rooms, string Meaning, string Cause, string Fix);
