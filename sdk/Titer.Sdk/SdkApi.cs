namespace Titer.Sdk;

/// <summary>The contract's API level, declared by every plugin assembly through <see cref="TiterPluginAttribute"/>.</summary>
public static class SdkApi
{
    /// <summary>
    /// The level of this SDK. A host plays plugins whose level lies within its supported range.
    /// History of breaking changes, one line per level:
    /// <list type="bullet">
    /// <item>1: first level (0.1.0): defenses, attacks, metrics; one Llama-shaped model with taps; FineTuner, LoRA, AdamW, SGD.</item>
    /// </list>
    /// </summary>
    public const int Level = 1;
}
