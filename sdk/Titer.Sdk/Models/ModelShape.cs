namespace Titer.Sdk.Models;

/// <summary>Sizes of a causal language model.</summary>
public sealed record ModelShape
{
    /// <summary>Transformer blocks.</summary>
    public required int Blocks { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    public required int Vocabulary { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int MaxLength { get; init; }
}

/// <summary>A weight tensor under its Hugging Face name, for example <c>model.layers.0.mlp.down_proj.weight</c>.</summary>
public sealed record NamedParameter(string Name, Tensor Tensor);
