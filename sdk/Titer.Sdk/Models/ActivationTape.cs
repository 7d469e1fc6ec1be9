using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>
/// Blocks of a forward pass that were computed without a graph, to be computed again, one at a time, when gradients come back (Chen et al. 2016,
/// arXiv 1604.06174). Only plain tensor operations: no custom autograd function, in which a native error would end the process.
/// </summary>
internal sealed class ActivationTape
{
    private readonly List<(Tensor Source, Tensor Input, Func<Tensor, Tensor> Block, Tensor Output)> _blocks = [];

    /// <summary>Runs a block; its output is a leaf whose gradient <see cref="Backward"/> carries on.</summary>
    public Tensor Run(Tensor source, Func<Tensor, Tensor> block)
    {
        // The output of the block before is a leaf already.
        var input = source.is_leaf && source.requires_grad ? source : source.detach().requires_grad_(true);
        Tensor output;
        using (torch.no_grad())
        {
            using var scope = torch.NewDisposeScope();
            output = block(input).MoveToOuterDisposeScope();
        }

        output.requires_grad_(true);
        _blocks.Add((source, input, block, output));
        return output;
    }

    /// <summary>Carries gradients of outputs back through all blocks, the last first. To be called after the loss's own backward pass.</summary>
    public void Backward()
    {
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            var (source, input, block, output) = _blocks[i];
            using var scope = torch.NewDisposeScope();
            if (output.grad is not { } gradient) continue;
            block(input).backward([gradient]);
            if (!ReferenceEquals(source, input) && source.requires_grad && input.grad is { } carried) source.backward([carried]);
        }

        _blocks.Clear();
    }
}
