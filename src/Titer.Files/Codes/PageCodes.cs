namespace Titer.Files.Codes;

/// <summary>670-679: the page of a results folder.</summary>
internal static class PageCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER670", ["Titer.View/Hosting"],
            "The page cannot be opened at that address.",
            "Another program has the port, or the address is not this machine's.",
            "Take another --port (0 takes a free one) or --listen."),
        new("TITER671", ["Titer.Cli/Commands"],
            "What --listen names is no IP address.",
            "A host name, or a misspelt address.",
            "Write an address of this machine, or leave it out for this machine alone."),
        new("TITER672", ["Titer.View/Hosting"],
            "The page was asked for without its token.",
            "The address was typed without it, or the cookie is another's.",
            "Open the address that 'titer view' printed."),
        new("TITER673", ["Titer.View/Hosting"],
            "The page was asked for under a name that is not this program's.",
            "A proxy has a name of its own, or a site has pointed its name at this machine.",
            "Open the printed address, or name the host with --host."),
        new("TITER674", ["Titer.View/Hosting"],
            "Another site's page asked for this one.",
            "A page elsewhere tries to read results from here, or embeds them.",
            "Open the page in a tab of its own."),
        new("TITER675", ["Titer.View/Exports"],
            "A site cannot be written into that folder.",
            "It holds something that 'titer report --site' did not write.",
            "Name an empty folder."),
    ];
}
