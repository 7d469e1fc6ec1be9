using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>
/// A decoder-only language model with explicit taps. Weights live in one <see cref="ParameterArena"/>. Not thread-safe: a match owns its
/// model and its thread. Only the host makes models; plugins receive them.
/// </summary>
public abstract class CausalLanguageModel : IDisposable
{
    private bool _disposed;

    internal CausalLanguageModel(ModelShape shape, ParameterArena arena) => (Shape, Arena) = (shape, arena);

    public ModelShape Shape { get; }

    /// <summary>All weights, flat; what optimizers work on.</summary>
    public ParameterArena Arena { get; }

    /// <summary>All weights by name.</summary>
    public IReadOnlyList<NamedParameter> Parameters => Arena.Parameters;

    /// <summary>The linear maps of attention and MLP, in block order: where LoRA attaches.</summary>
    public abstract IReadOnlyList<LinearProjection> Projections { get; }

    /// <summary>
    /// Computes attention by plain tensor operations. The default fused kernel is faster but has no second derivative: second-order
    /// methods turn this on.
    /// </summary>
    public bool PlainAttention { get; set; }

    /// <summary>Charges forward passes while a plugin is playing.</summary>
    internal BudgetMeter? Meter { get; set; }

    /// <summary>While it is there, passes with gradients keep one activation per block.</summary>
    internal ActivationTape? Tape { get; set; }

    /// <summary>One causal pass over right-padded sequences. Charged to the budget when gradients are on.</summary>
    /// <param name="inputIds">int64 [batch, time], time at most <see cref="ModelShape.MaxLength"/>.</param>
    /// <param name="tap">Reads and perturbs inner outputs.</param>
    /// <returns>Logits [batch, time, vocabulary].</returns>
    /// <exception cref="ArgumentException">The shape is not [batch, time], or too long.</exception>
    /// <exception cref="BudgetExceededException">The budget is used up.</exception>
    public Tensor Forward(Tensor inputIds, Tap? tap = null)
    {
        var isCharged = Admit(inputIds);
        var logits = Unembed(FinalNorm(Blocks(inputIds, tap, cache: null)));
        // A tap may have turned gradients on inside.
        if (!isCharged && logits.requires_grad) Charge(inputIds);
        return logits;
    }

    /// <summary>Logits at some positions only: a loss on answers needs no logits of prompts.</summary>
    /// <param name="inputIds">int64 [batch, time].</param>
    /// <param name="positions">int64 [n], into [batch * time].</param>
    /// <returns>[n, vocabulary].</returns>
    internal Tensor ForwardAt(Tensor inputIds, Tensor positions)
    {
        Admit(inputIds);
        return Unembed(FinalNorm(BlocksAt(inputIds, positions, cache: null)));
    }

    /// <summary>The norm before the output embedding.</summary>
    /// <param name="hidden">[..., hidden].</param>
    public abstract Tensor FinalNorm(Tensor hidden);

    /// <summary>The output embedding.</summary>
    /// <param name="hidden">[..., hidden], normed.</param>
    /// <returns>Logits [..., vocabulary].</returns>
    public abstract Tensor Unembed(Tensor hidden);

    /// <summary>
    /// Rewrites the weights in units that depend on the function alone: gains of norms, the scale and axes of the residual stream, values against
    /// outputs, queries against keys, up against down, the order of heads and neurons. Answers stay what they are (but for rounding, and the
    /// epsilon of norms); what a change of units did to gradients is undone. For an attacker, before training: it costs nothing. Nothing is charged.
    /// </summary>
    /// <exception cref="ArgumentException">A low-rank adapter is attached.</exception>
    public void ToCanonicalUnits()
    {
        if (Projections.Any(p => p.Adapter is not null))
            throw new ArgumentException("TITER304 The model has an adapter. Merge or dispose it first.");
        WriteCanonicalUnits();
    }

    /// <inheritdoc cref="ToCanonicalUnits"/>
    internal abstract void WriteCanonicalUnits();

    /// <summary>Runs a block, on the tape while there is one. A tap sees inner outputs, which a tape does not keep.</summary>
    private protected Tensor Run(Tensor hidden, Tap? tap, Func<Tensor, Tensor> block)
    {
        if (tap is not null) return block(hidden);
        if (Tape is { } tape && torch.is_grad_enabled()) return tape.Run(hidden, block);
        // What a block makes on the way ends with it: a graph keeps what its backward pass needs by itself, and nothing else needs any of it.
        using var scope = torch.NewDisposeScope();
        return block(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Checks the shape and charges a pass with gradients.</summary>
    /// <returns>Whether it was charged.</returns>
    private bool Admit(Tensor inputIds)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        if (inputIds.dim() != 2 || inputIds.shape[1] > Shape.MaxLength)
            throw new ArgumentException($"Expected token ids [batch, time <= {Shape.MaxLength}], got [{string.Join(", ", inputIds.shape)}].",
                nameof(inputIds));
        var hasGradients = torch.is_grad_enabled();
        if (hasGradients) Charge(inputIds);
        return hasGradients;
    }

    private void Charge(Tensor inputIds) => Meter?.ChargeForward(inputIds.shape[0], inputIds.numel(), Arena.Count);

    /// <summary>Embeddings and all blocks: [batch, time, hidden], not normed.</summary>
    internal abstract Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache);

    /// <summary>
    /// As <see cref="Blocks"/>, at the given positions (int64 [n], into [batch * time]) only: [n, hidden], not normed. A model may leave out of its
    /// last block what reaches no other position.
    /// </summary>
    internal virtual Tensor BlocksAt(Tensor inputIds, Tensor positions, KeyValueCache? cache) =>
        Blocks(inputIds, tap: null, cache).reshape(-1, Shape.Hidden).index_select(0, positions);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing) return;
        _disposed = true;
        Arena.Dispose();
    }
}
