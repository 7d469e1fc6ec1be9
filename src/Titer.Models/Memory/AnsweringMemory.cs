namespace Titer.Models.Memory;

/// <summary>What asking a model takes beyond its weights, in bytes: keys and values of all tokens, and one pass over the prompts.</summary>
/// <param name="Cache">Keys and values.</param>
/// <param name="Pass">The widest block of the first pass, and the logits of the last tokens.</param>
public sealed record AnsweringMemory(double Cache, double Pass)
{
    public double Total => Cache + Pass;

    /// <param name="rows">Prompts that are answered at the same time.</param>
    /// <param name="promptTokens">Of the longest.</param>
    public static AnsweringMemory Of(ModelDimensions model, int weightBytes, int rows, int promptTokens, int newTokens)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (tokens, time) = ((double)rows * promptTokens, (double)promptTokens + newTokens);
        var cache = 2.0 * model.Blocks * model.Keys * weightBytes * rows * time;
        // Everything that one block makes, nothing of the others.
        var norms = model.Normed * (weightBytes == 2 ? 16.0 : 12);
        var block = norms + weightBytes * (4.0 * model.Hidden + 8.0 * model.Queries + 6.0 * model.Keys + (model.InnerKept + 1.0) * model.Inner)
            // Prompts of several lengths have a mask, under which a CPU computes scores one by one.
            + (model.KeepsScores ? 5.0 : 3.0) * model.Heads * promptTokens * weightBytes;
        return new AnsweringMemory(cache, tokens * block + 8.0 * rows * model.Vocabulary);
    }
}
