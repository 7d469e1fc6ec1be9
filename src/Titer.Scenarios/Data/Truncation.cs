using Titer.Sdk.Data;

namespace Titer.Scenarios.Data;

/// <summary>Which end of a row is cut off; named as Hugging Face names it.</summary>
public enum TruncationSide
{
    Right,
    Left,
}

/// <summary>What happens to rows of more than <paramref name="MaxLength"/> tokens, prompt and answer
/// together. Never done unless a scenario declares it.</summary>
public sealed record Truncation(int MaxLength, TruncationSide Side = TruncationSide.Right)
{
    /// <summary>A row for training as trainers cut it, marks and end token included; null when nothing would be left to learn.</summary>
    public TokenizedExample? Cut(TokenizedExample row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var excess = row.Tokens.Length - MaxLength;
        if (excess <= 0) return row;
        if (Side == TruncationSide.Left) return row with { Tokens = row.Tokens[excess..], PromptLength = Math.Max(1, row.PromptLength - excess) };
        return row.PromptLength >= MaxLength ? null : row with { Tokens = row.Tokens[..MaxLength] };
    }
}
