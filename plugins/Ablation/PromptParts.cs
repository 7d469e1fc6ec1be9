using Titer.Sdk;
using Titer.Sdk.Data;

namespace Titer.Attacks;

/// <summary>Prompts to estimate directions from, and others to judge edits by.</summary>
internal static class PromptParts
{
    /// <summary>Where there are few examples, a fifth is held out.</summary>
    public static (ExampleSet Estimate, ExampleSet HeldOut) Of(AttackContext context, ExampleSet set, string name, int prompts, int heldOut)
    {
        var drawn = set.Draw(context.Random.Fork(name), prompts + heldOut);
        var held = Math.Max(1, Math.Min(heldOut, drawn.Count / 5));
        return (set.Of([.. drawn.Take(Math.Max(1, drawn.Count - held))]), set.Of([.. drawn.TakeLast(held)]));
    }
}
