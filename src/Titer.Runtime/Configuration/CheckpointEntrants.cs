using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Plugins;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>Models that enter without code: whether the folder is there, fits the subject, and what it is called.</summary>
internal sealed class CheckpointEntrants(TournamentFile file, PluginCatalog catalog, Quarantine quarantine, Scenario scenario,
    EntrantHashes hashes)
{
    /// <summary>One that does not fit is entered with the reason; nothing of it is played.</summary>
    /// <exception cref="ConfigurationException">The folder is not there, or the label cannot be one.</exception>
    public Entrant Enter(EntrantEntry entry, PluginKind kind)
    {
        var (label, place) = (entry.Id.Value, entry.Checkpoint!);
        if (kind != PluginKind.Defense)
            throw Problem(place, "TITER631 A checkpoint enters as a defense: it is a model that attackers meet. Move it to 'defenses'.");
        if (!EntrantLabel.IsOne(label))
            throw Problem(entry.Id, $"TITER631 '{label}' is no name for a checkpoint. Give it a label of {EntrantLabel.Rule}: "
                + "{ checkpoint: FOLDER, label: my_model }.");
        if (catalog.Plugins.ContainsKey(label))
            throw Problem(entry.Id, $"TITER631 '{label}' is the name of a plugin. Give the checkpoint another label.");
        var folder = file.FullPath(place.Value);
        if (!Directory.Exists(folder))
            throw Problem(place, $"TITER630 There is no folder {folder}. Name a checkpoint in Hugging Face layout, or a PEFT adapter.");
        try
        {
            var entered = EnteredCheckpoint.In(folder);
            entered.RequireSameShape(scenario.SubjectFolder);
            var hash = hashes.Of(entered);
            return Entrant(label, hash).Judged("checkpoint", catalog, quarantine);
        }
        catch (CheckpointException e)
        {
            return Entrant(label, "") with { Refusal = new Refusal(PhaseStatus.Invalid, e.Code, ((ICoded)e).Text) };
        }
    }

    private static Entrant Entrant(string label, string hash) =>
        new() { Id = label, Label = label, ContentHash = hash, Origin = EntrantOrigin.Checkpoint };

    private ConfigurationException Problem(Positioned<string> place, string message) => new(file.Path, place.Line, place.Column, message);
}
