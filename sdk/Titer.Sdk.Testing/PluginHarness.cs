using Titer.Models.Native;
using Titer.Plugins;

namespace Titer.Sdk.Testing;

/// <summary>
/// Plays a plugin here and now: the pipeline of <c>titer play</c> on the embedded subject, in this process. Never throws for what the plugin
/// does, but a native error still takes the process down, as it would take a worker down. One match at a time in a process.
/// </summary>
public static class PluginHarness
{
    /// <summary>Immunizes the embedded subject, and attacks it.</summary>
    /// <param name="defense">Used for every seed; it must not remember anything between two matches.</param>
    /// <exception cref="ArgumentException">The opponent is neither a built-in id nor a plugin.</exception>
    public static Task<HarnessResult> Play(IDefense defense, HarnessOptions? options = null, CancellationToken cancellation = default) =>
        PlayObject(defense, options, cancellation);

    /// <summary>Attacks the undefended subject, and the opponent's where one is given.</summary>
    /// <inheritdoc cref="Play(IDefense, HarnessOptions?, CancellationToken)"/>
    public static Task<HarnessResult> Play(IAttack attack, HarnessOptions? options = null, CancellationToken cancellation = default) =>
        PlayObject(attack, options, cancellation);

    /// <summary>Loads torch's native library, for tests that use torch before their first match:
    /// TorchSharp's own loader fails on older systems.</summary>
    /// <exception cref="NativeTorchException">It cannot be loaded.</exception>
    public static void LoadTorch() => NativeTorch.EnsureLoaded();

    private static async Task<HarnessResult> PlayObject(object plugin, HarnessOptions? options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        options ??= new HarnessOptions();
        // Objects with unequal private state must not share results.
        var manifest = TypeManifest.Of(plugin.GetType(), Guid.NewGuid().ToString("N"));
        return await HarnessMatch.PlayAsync(manifest with { TrainsOn = options.TrainsOn ?? manifest.TrainsOn }, plugin, options, cancellation);
    }
}
