using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>What enters without a plugin is known by its content hash alone: whether the operator's
/// policy accepts it, and whether it was set aside.</summary>
internal static class EnteredFiles
{
    /// <param name="what"><c>checkpoint</c> or <c>program</c>.</param>
    public static Entrant Judged(this Entrant entrant, string what, PluginCatalog catalog, Quarantine quarantine)
    {
        ArgumentNullException.ThrowIfNull(entrant);
        ArgumentNullException.ThrowIfNull(catalog);
        var (standing, problem) = catalog.Policy?.Judge(what, entrant.Label, entrant.ContentHash) ?? (null, null);
        return entrant with
        {
            Standing = standing,
            Refusal = problem is not null ? new Refusal(PhaseStatus.Invalid, problem.Code, $"{problem.Fact} {problem.Fix}")
                : quarantine.Find(entrant.Id, entrant.ContentHash) is { } aside ? QuarantineRefusal.Of(aside) : null,
        };
    }
}
