using System.Runtime.CompilerServices;

namespace Titer.Plugins;

/// <summary>The smoke test of a loaded build: its entry type can be made with default options.</summary>
internal static class PluginTrial
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly Dictionary<string, string> Defaults = [];

    /// <summary>Null when it passed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PluginProblem? Of(PluginGeneration generation)
    {
        using var lease = generation.Lease();
        PluginProblem? problem = null;
        var fault = DedicatedThread.Run(() => problem = lease.Try(Defaults), "trial", Deadline);
        return fault is null
            ? problem
            : new PluginProblem(PluginProblemCode.ConstructorThrew, $"The constructor of '{generation.Manifest.Id}' failed: {fault}",
                "Correct the plugin's constructor; it must return at once.");
    }
}
