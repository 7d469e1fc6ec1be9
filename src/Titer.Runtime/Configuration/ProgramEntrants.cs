using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>A program that enters as a defense or an attack, as a tournament file names it.</summary>
/// <param name="Place">Of the command.</param>
internal sealed record ProgramEntry(Positioned<string> Place, IReadOnlyList<string> Command, Positioned<string> Folder, IReadOnlyList<string> Reads);

/// <summary>Entrants that are programs of their own: whether the folder is there, and what they are called.</summary>
internal sealed class ProgramEntrants(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, EntrantHashes hashes)
{
    /// <exception cref="ConfigurationException">The folder is not there, the label cannot be one, or it cannot be taken.</exception>
    public Entrant Enter(EntrantEntry entry, PluginKind kind)
    {
        var (label, program) = (entry.Id.Value, entry.Program!);
        if (!EntrantLabel.IsOne(label))
            throw Problem(entry.Id, $"TITER634 '{label}' is no name for a program. Give it a label of {EntrantLabel.Rule}: "
                + "{ command: [python3, defend.py], folder: FOLDER, label: my_defense }.");
        if (catalog.Plugins.ContainsKey(label))
            throw Problem(entry.Id, $"TITER634 '{label}' is the name of a plugin. Give the program another label.");
        var order = Order(file, program);
        if (!Directory.Exists(order.Folder))
            throw Problem(program.Folder, $"TITER634 There is no folder {order.Folder}. Name the one that the program's files are in.");
        string hash;
        try
        {
            hash = hashes.Of(order);
        }
        catch (Exception e) when (e is PlainFolderException or IOException or UnauthorizedAccessException)
        {
            throw Problem(program.Folder, $"TITER634 The program's folder cannot be taken: {e.Message} Keep in it what the program needs alone.");
        }

        return new Entrant
        {
            Id = label,
            Label = label,
            ContentHash = hash,
            Origin = EntrantOrigin.Program,
            // It gets harmful rows, and nobody sees what it does with them.
            UsesHarmfulData = kind == PluginKind.Attack,
        }.Judged("program", catalog, quarantine);
    }

    /// <summary>With full paths.</summary>
    public static ProgramOrder Order(TournamentFile file, ProgramEntry program) =>
        new(file.FullPath(program.Folder.Value), program.Command, [.. program.Reads.Select(file.FullPath)]);

    private ConfigurationException Problem(Positioned<string> place, string message) => new(file.Path, place.Line, place.Column, message);
}
