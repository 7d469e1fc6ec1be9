namespace Titer.Files.Codes;

/// <summary>656-661: what an installation carries.</summary>
internal static class InstallCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER656", ["Titer.Cli/Install"],
            "There is no libtorch on this machine, and none can be restored.",
            "A tool shares that of the NuGet package cache; it is not in it, and no source of packages answers.",
            "Restore libtorch-cpu-linux-x64 where there is a network, put its package into the feed that the message names, or use the archive."),
        new("TITER657", ["Titer.Cli/Install"],
            "There are no packages of the SDK for a new project.",
            "titer was built in a clone, or --feed names a folder without them.",
            "Name the folder that 'dotnet pack src/Titer.Cli -o FEED' wrote to with --feed."),
        new("TITER658", ["Titer.Cli/Install"],
            "The name of a new project is no namespace.",
            "It has other characters than letters, digits, '_' and dots between parts, or is too long.",
            "Write it as My.Defense."),
        new("TITER659", ["Titer.Cli/Install"],
            "There is something of the new project's name already.",
            "It was made before, or the folder is another one's.",
            "Take another name, or another folder with --out."),
        new("TITER660", ["Titer.Cli/Commands"],
            "There is a plugin of the new project's id already.",
            "Another name comes to the same id, or a plugin that is installed has it.",
            "Take another name."),
        new("TITER661", ["Titer.Cli/Commands"],
            "The documentation has no such page.",
            "The name is misspelt, or is of another version of Titer.",
            "See 'titer help', which lists all."),
    ];
}
