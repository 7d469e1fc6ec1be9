using Titer.Runtime.Plugins;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Play;

/// <summary>Counts crashes in a row per plugin build; the third sets the build aside. Used by one thread at a time.</summary>
internal sealed class CrashStreaks(Quarantine quarantine)
{
    public const int Limit = 3;

    private readonly Dictionary<(string Id, string Hash), int> _crashes = [];

    /// <summary>Takes note of a played phase.</summary>
    /// <returns>The entrant's build, when this crash was one too many.</returns>
    public QuarantineEntry? Note(Phase phase, PhaseResult result)
    {
        if (PluginOf(phase) is not { } entrant) return null;
        var build = (entrant.Id, entrant.ContentHash);
        _crashes[build] = result.Code == PhaseVerdict.CrashCode ? _crashes.GetValueOrDefault(build) + 1 : 0;
        return _crashes[build] == Limit
            ? quarantine.Set(entrant.Id, entrant.ContentHash, $"Its worker crashed in {Limit} phases in a row, the last time in '{phase.Title}': {result.Reason}")
            : null;
    }

    /// <summary>The plugin whose code a phase runs; null for assess phases.</summary>
    public static Entrant? PluginOf(Phase phase) => phase.Kind switch
    {
        PhaseKind.Defend => phase.Defense,
        PhaseKind.Attack => phase.Attack,
        _ => null,
    };
}
