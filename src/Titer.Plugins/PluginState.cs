namespace Titer.Plugins;

/// <summary>What is known of a plugin.</summary>
public enum PluginState
{
    /// <summary>The gate found nothing against it; no code of it ran.</summary>
    Accepted,

    /// <summary>It was loaded, made, unloaded, and proven gone.</summary>
    Loaded,

    /// <summary>It cannot be played.</summary>
    Refused,

    /// <summary>It was set aside.</summary>
    Quarantined,

    /// <summary>It can be played, but stays in memory after unloading.</summary>
    Leaked,
}
