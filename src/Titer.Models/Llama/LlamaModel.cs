using Titer.Models.Attention;
using Titer.Models.Units;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>
/// The Llama architecture (Touvron et al. 2023, arXiv 2302.13971): pre-norm blocks of grouped-query attention with rotary positions and a
/// SwiGLU MLP. Parameter names and the rotary layout are Hugging Face's.
/// </summary>
public sealed class LlamaModel : CausalLanguageModel
{
    private readonly LlamaConfig _config;
    private readonly LlamaBlock[] _blocks;
    private readonly Tensor _embedding;
    private readonly Tensor _finalNorm;
    private readonly Tensor _head;
    private readonly RotaryTables _rotary;

    /// <param name="weights">All weights in the layout's order, taken over; null means zeros.</param>
    internal LlamaModel(LlamaConfig config, DeviceContext device, Tensor? weights = null)
        : base(config.ToShape(), ParameterArena.Of(config.Layout(), device, weights))
    {
        _config = config;
        _embedding = Arena["model.embed_tokens.weight"];
        _finalNorm = Arena["model.norm.weight"];
        _head = config.TieWordEmbeddings ? _embedding : Arena["lm_head.weight"];
        _rotary = new RotaryTables(config, device);
        _blocks = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new LlamaBlock(config, Arena, i))];
        Projections = [.. _blocks.SelectMany(b => b.Projections)];
    }

    public LlamaConfig Config => _config;

    public override IReadOnlyList<LinearProjection> Projections { get; }

    /// <summary>A model with random weights: normal with the config's initializer range, norms at one.</summary>
    public static LlamaModel Create(LlamaConfig config, DeviceContext device, SeededRandom random)
    {
        var model = new LlamaModel(config, device);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in model.Parameters)
        {
            if (name.EndsWith("norm.weight", StringComparison.Ordinal)) tensor.fill_(1);
            else if (name.EndsWith(".weight", StringComparison.Ordinal))
                tensor.copy_(torch.randn(tensor.shape, dtype: ScalarType.Float32, device: device.Device,
                    generator: random.Generator) * config.InitializerRange);
        }

        return model;
    }

    public override Tensor FinalNorm(Tensor hidden) => RmsNorm.Apply(hidden, _finalNorm, _config.RmsNormEps);

    public override Tensor Unembed(Tensor hidden) => torch.nn.functional.linear(hidden, _head);

    internal override void WriteCanonicalUnits() =>
        CanonicalUnits.ApplyToLlama(this, new Heads(_config.NumAttentionHeads, _config.KeyValueHeads, _config.HeadSize), _config.TieWordEmbeddings,
            _config.QueryKeyNorm);

    internal override Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache) => Blocks(inputIds, tap, cache, positions: null);

    internal override Tensor BlocksAt(Tensor inputIds, Tensor positions, KeyValueCache? cache) => Blocks(inputIds, tap: null, cache, positions);

    private Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache, Tensor? positions)
    {
        // TorchSharp does not bind the functional embedding.
        var hidden = _embedding.index_select(0, inputIds.reshape(-1)).view(inputIds.shape[0], inputIds.shape[1], Shape.Hidden);
        if (tap is not null) hidden = tap(0, TapSite.Embedding, hidden);
        var pass = new AttentionPass(inputIds, cache, PlainAttention, _config.Window);
        var rotation = new Rotation(_rotary, pass);
        foreach (var block in _blocks[..^1]) hidden = Run(hidden, tap, h => block.Forward(h, pass, rotation, tap));
        hidden = Run(hidden, tap, h => _blocks[^1].Forward(h, pass, rotation, tap, positions));
        if (cache is not null) cache.Length += (int)inputIds.shape[1];
        return hidden;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _rotary.Dispose();
    }
}
