using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>Counts crashes in a row per plugin build; the third sets the build aside. Used by one thread at a time.</summary>
internal sealed class CrashStreaks(Quarantine quarantine)
{
    public const int Limit = 3;

    private readonly Dictionary<(string Id, string Hash), int> _crashes = [];

    /// <summary>Takes note of a played phase.</summary>
    /// <returns>The entrant's build, when this crash was one too many, and what should be said when it is set aside for this run only.</returns>
    public (QuarantineEntry Entry, string? Notice)? Note(Phase phase, PhaseResult result)
    {
        if (phase.Player is not { } entrant) return null;
        var build = (entrant.PluginId, entrant.ContentHash);
        _crashes[build] = result.Code == PhaseVerdict.CrashCode ? _crashes.GetValueOrDefault(build) + 1 : 0;
        if (_crashes[build] != Limit) return null;
        var reason = $"Its worker crashed in {Limit} phases in a row, the last time in '{phase.Title}': {result.Reason}";
        try
        {
            return (quarantine.Set(entrant.PluginId, entrant.ContentHash, reason), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (new QuarantineEntry(entrant.PluginId, entrant.ContentHash, reason, TimeProvider.System.GetUtcNow()),
                $"TITER223 '{entrant.Id}' is set aside for this run only: {quarantine.File} cannot be written ({e.Message}). Set TITER_HOME to a "
                    + "folder that you can write to.");
        }
    }
}
