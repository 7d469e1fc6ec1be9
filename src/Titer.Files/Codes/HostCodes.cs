namespace Titer.Files.Codes;

/// <summary>900: Titer itself.</summary>
internal static class HostCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER900", ["Titer.Cli/Commands"],
            "Titer itself failed.",
            "A bug: whatever a plugin, a file or the machine does is said with a code of its own.",
            "Please report it, with the stack that was printed."),
    ];
}
