using Titer.Models.Attention;
using Titer.Models.Units;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Gpt2;

/// <summary>
/// GPT-2 (Radford et al. 2019, <i>Language Models are Unsupervised Multitask Learners</i>): pre-norm blocks with layer norms, learned positions, one
/// projection for queries, keys and values, and a head tied to the embedding. Parameter names and shapes are Hugging Face's. No dropout.
/// </summary>
public sealed class Gpt2Model : CausalLanguageModel
{
    private readonly Gpt2Block[] _blocks;
    private readonly Tensor _tokens;
    private readonly Tensor _positions;
    private readonly Tensor _head;
    private readonly LayerNorm _finalNorm;

    /// <param name="weights">All weights in the layout's order, taken over; null means zeros.</param>
    internal Gpt2Model(Gpt2Config config, DeviceContext device, Tensor? weights = null)
        : base(config.ToShape(), ParameterArena.Of(config.Layout(), device, weights))
    {
        Config = config;
        (_tokens, _positions) = (Arena["transformer.wte.weight"], Arena["transformer.wpe.weight"]);
        _head = config.TieWordEmbeddings ? _tokens : Arena["lm_head.weight"];
        _finalNorm = new LayerNorm(Arena["transformer.ln_f.weight"], Arena["transformer.ln_f.bias"], config.LayerNormEpsilon);
        _blocks = [.. Enumerable.Range(0, config.Blocks).Select(i => new Gpt2Block(config, Arena, i))];
        Projections = [.. _blocks.SelectMany(b => b.Projections)];
    }

    public Gpt2Config Config { get; }

    public override IReadOnlyList<LinearProjection> Projections { get; }

    /// <summary>A model with random weights: normal with the config's initializer range, norms at one, biases at zero.</summary>
    public static Gpt2Model Create(Gpt2Config config, DeviceContext device, SeededRandom random)
    {
        var model = new Gpt2Model(config, device);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in model.Parameters)
        {
            if (name.Contains(".ln_", StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal)) tensor.fill_(1);
            else if (name.EndsWith(".weight", StringComparison.Ordinal))
                tensor.copy_(random.Normal(tensor.shape) * config.InitializerRange);
        }

        return model;
    }

    public override Tensor FinalNorm(Tensor hidden) => _finalNorm.Apply(hidden);

    public override Tensor Unembed(Tensor hidden) => torch.nn.functional.linear(hidden, _head);

    internal override void WriteCanonicalUnits() => CanonicalUnits.ApplyToGpt2(
        this, new Heads(Config.Heads, Config.Heads, Config.Hidden / Config.Heads), Config.TieWordEmbeddings,
        isHomogeneous: Config.ActivationFunction == "relu");

    internal override Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache) => Blocks(inputIds, tap, cache, positions: null);

    internal override Tensor BlocksAt(Tensor inputIds, Tensor positions, KeyValueCache? cache) => Blocks(inputIds, tap: null, cache, positions);

    private Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache, Tensor? positions)
    {
        var (batch, time) = (inputIds.shape[0], inputIds.shape[1]);
        var pass = new AttentionPass(inputIds, cache, PlainAttention);
        var where = pass.Positions is { } own
            ? _positions.index_select(0, own.reshape(-1)).view(batch, time, Shape.Hidden)
            : _positions.narrow(0, 0, time);
        // TorchSharp does not bind the functional embedding.
        var hidden = _tokens.index_select(0, inputIds.reshape(-1)).view(batch, time, Shape.Hidden) + where;
        if (tap is not null) hidden = tap(0, TapSite.Embedding, hidden);
        foreach (var block in _blocks[..^1]) hidden = Run(hidden, tap, h => block.Forward(h, pass, tap));
        hidden = Run(hidden, tap, h => _blocks[^1].Forward(h, pass, tap, positions));
        if (cache is not null) cache.Length += (int)time;
        return hidden;
    }
}
