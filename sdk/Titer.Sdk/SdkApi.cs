namespace Titer.Sdk;

/// <summary>The contract's API level, declared by every plugin assembly through <see cref="TiterPluginAttribute"/>.</summary>
public static class SdkApi
{
    /// <summary>
    /// The level of this SDK. A host plays plugins whose level lies within its supported range.
    /// History of breaking changes, one line per level:
    /// <list type="bullet">
    /// <item>1: first level (0.1.0): defenses, attacks, metrics; one Llama-shaped model with taps; FineTuner, LoRA, AdamW, SGD.
    /// Added since, breaking nothing: prompts as attackers ask them (<see cref="AttackContext.AskWith"/>, <see cref="PromptWrapper"/>), chats of
    /// their own (<see cref="Data.ChatText"/>), text of examples, sets drawn and made of examples, plugins that do not enter by default,
    /// the subject's public parent for attacks that need it (<see cref="AttackContext.LoadParent"/>,
    /// <see cref="TiterPluginAttribute.NeedsParent"/>), the gains of a norm behind a map (<see cref="Models.LinearProjection.OutputGain"/>).</item>
    /// </list>
    /// </summary>
    public const int Level = 1;
}
