using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>Strangers play behind walls that were tried a moment ago, or where the operator said that they may do without.</summary>
internal static class StrangersWalls
{
    /// <returns>What was proven, for people; null where no stranger plays, or the operator said that they may do without.</returns>
    /// <exception cref="WorkerProtectionException">There are none.</exception>
    public static async Task<string?> ProveAsync(TournamentSpec spec, WorkerProtection protection, SandboxMode mode, bool onlyMetrics = false)
    {
        string[] strangers =
        [
            .. spec.Defenses.Concat(spec.Attacks).Where(e => !onlyMetrics && e is { IsForeign: true, Refusal: null }).Select(e => e.Id)
                .Concat(spec.Metrics.Where(m => m.IsPlugin).Select(m => m.Id)).Distinct(),
        ];
        if (strangers.Length == 0 || mode == SandboxMode.Off) return null;
        if (protection.IsSandboxed) return await WallCheck.ProveAsync(WorkerProgram.Dll, protection, spec.Device != "cpu", CancellationToken.None);
        throw new WorkerProtectionException("TITER624 "
            + $"{string.Join(", ", strangers.Take(3))}{(strangers.Length > 3 ? $" and {strangers.Length - 3} more" : "")} did not come with "
                + $"titer, and there is no sandbox to play them in. {protection.SandboxText} "
            + "Install bubblewrap (apt-get install bubblewrap) and allow user namespaces, or say --sandbox off: then they can do what you can.");
    }
}
