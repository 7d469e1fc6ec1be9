namespace Titer.Runtime.Phases;

/// <summary>A defense that is a program of its own, in any language.</summary>
/// <param name="Folder">Full path of its files, where it is started: read-only for it.</param>
/// <param name="Command">The program and its arguments; the path of its order is appended.</param>
/// <param name="Reads">Further paths that it reads, such as an interpreter's environment.</param>
internal sealed record ProgramOrder(string Folder, IReadOnlyList<string> Command, IReadOnlyList<string> Reads);
