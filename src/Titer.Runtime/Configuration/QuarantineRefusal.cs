using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>A quarantine entry as the reason for which an entrant is not played.</summary>
internal static class QuarantineRefusal
{
    public static Refusal Of(QuarantineEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new Refusal(PhaseStatus.Skipped, "TITER220",
            $"Set aside: {entry.Reason} Ship a corrected build, or allow this one with 'titer plugin quarantine clear {entry.Id}'.");
    }
}
