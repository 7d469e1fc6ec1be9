namespace Titer.Files.Codes;

/// <summary>680-699: leagues.</summary>
internal static class LeagueCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER680", ["Titer.League/Configuration"],
            "The league's file is missing, or watches nothing.",
            "The path is another's, or 'watch' is an empty list.",
            "Name a league.yaml, or the folder that it lies in."),
        new("TITER681", ["Titer.League/Catalog"],
            "A dll was dropped beside the plugins' folders.",
            "It was copied into the watched folder itself.",
            "A plugin is a folder: make one, and copy the dll and what it needs into it."),
        new("TITER682", ["Titer.League/Catalog"],
            "A package was dropped whose version is not newer than the one that plays.",
            "Two packages of one plugin lie in the watched folders.",
            "Drop a newer version, or remove the package that plays."),
        new("TITER683", ["Titer.League/Standing"],
            "A league's league.json cannot be read.",
            "It was changed by hand, or written by another version of Titer.",
            "Put a copy of it back, or remove it: what was played stays, what lies in the folders enters again, superseded builds are forgotten."),
        new("TITER684", ["Titer.League/Catalog"],
            "The host failed while it looked at a drop.",
            "A bug of Titer, which something in the drop provoked; the league plays on.",
            "Please report it, with the files."),
        new("TITER685", ["Titer.Cli/Commands"],
            "A league would play dropped plugins without a sandbox.",
            "bubblewrap is missing, or the system allows no user namespaces.",
            "Install bubblewrap (apt-get install bubblewrap) and allow user namespaces, or say --sandbox off: then they can do what you can."),
        new("TITER686", ["Titer.Cli/Commands"],
            "No league was served in the folder yet.",
            "The folder is another's, or 'titer serve' has not opened it.",
            "Serve it with 'titer serve'."),
    ];
}
