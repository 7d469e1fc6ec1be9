namespace Titer.Models.Memory;

/// <summary>Sizes of a model that say what it takes of a device, read of its configuration alone. Widths are in scalars of one token.</summary>
public sealed record ModelDimensions
{
    /// <summary>Scalars of all weights.</summary>
    public required long Parameters { get; init; }

    public required int Blocks { get; init; }

    public required long Hidden { get; init; }

    public required long Vocabulary { get; init; }

    /// <summary>Inner width of the MLP.</summary>
    public required long Inner { get; init; }

    /// <summary>All query heads together.</summary>
    public required long Queries { get; init; }

    /// <summary>All key heads together, and all value heads.</summary>
    public required long Keys { get; init; }

    public required int Heads { get; init; }

    /// <summary>Widths of all that a block norms.</summary>
    public required long Normed { get; init; }

    /// <summary>Tensors of the inner width that the MLP keeps for its backward pass.</summary>
    public required int InnerKept { get; init; }

    /// <summary>Scores are capped: attention keeps them, two for every pair of tokens and head.</summary>
    public bool KeepsScores { get; init; }

    /// <summary>The head is the embedding.</summary>
    public bool IsTied { get; init; }

    /// <summary>Inputs and outputs of a block's maps, by name.</summary>
    public required IReadOnlyList<(string Name, long Input, long Output)> Maps { get; init; }

    /// <summary>What the layout of an architecture says; widths that it does not say are the caller's.</summary>
    internal static ModelDimensions Of(IReadOnlyList<(string Name, long[] Shape)> layout, string firstBlock, bool isTransposed,
        ModelDimensions widths)
    {
        static long Size(long[] shape) => shape.Aggregate(1L, (a, b) => a * b);
        return widths with
        {
            Parameters = layout.Sum(t => Size(t.Shape)),
            Maps =
            [
                .. layout.Where(t => t.Shape.Length == 2 && t.Name.StartsWith(firstBlock, StringComparison.Ordinal))
                    .Select(t => (t.Name[firstBlock.Length..^".weight".Length], t.Shape[isTransposed ? 0 : 1], t.Shape[isTransposed ? 1 : 0])),
            ],
        };
    }
}
