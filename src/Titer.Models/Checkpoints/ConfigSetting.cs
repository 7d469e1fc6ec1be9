namespace Titer.Models.Checkpoints;

/// <summary>A setting of a configuration is known here, or refused by its name.</summary>
internal static class ConfigSetting
{
    /// <exception cref="CheckpointException">The value is not one of those that are supported.</exception>
    public static void Require(string path, string key, string value, params IReadOnlyList<string> supported)
    {
        if (!supported.Contains(value))
            throw new CheckpointException($"TITER416 {path}: {key} '{value}' is not supported. Supported: {string.Join(", ", supported)}.");
    }
}
