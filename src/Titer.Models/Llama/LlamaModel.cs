using Titer.Models.Attention;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>
/// The Llama architecture (Touvron et al. 2023, arXiv 2302.13971): pre-norm blocks of grouped-query attention with rotary positions and a
/// SwiGLU MLP; and its relatives, which place norms elsewhere, cap scores and logits, or fuse maps (<see cref="LlamaFamily"/>). Parameter names and
/// the rotary layout are Hugging Face's.
/// </summary>
public sealed class LlamaModel : CausalLanguageModel
{
    private readonly LlamaConfig _config;
    private readonly LlamaBlock[] _blocks;
    private readonly Tensor _embedding;
    private readonly RmsNorm _finalNorm;
    private readonly Tensor _head;
    private readonly RotaryTables _rotary;
    private readonly RotaryTables? _localRotary;

    /// <summary>What token embeddings are multiplied by, rounded to the model's data type as the reference does; null means nothing.</summary>
    private readonly double? _embeddingScale;

    /// <param name="weights">All weights in the layout's order, taken over; null means zeros.</param>
    internal LlamaModel(LlamaConfig config, DeviceContext device, Tensor? weights = null)
        : base(config.ToShape(), ParameterArena.Of(config.Layout(), device, weights))
    {
        _config = config;
        _embedding = Arena["model.embed_tokens.weight"];
        _finalNorm = new RmsNorm(Arena["model.norm.weight"], config.RmsNormEps, config.Family.Gain);
        _head = config.TieWordEmbeddings ? _embedding : Arena["lm_head.weight"];
        _rotary = new RotaryTables(config, device);
        if (config.Family.HasLocalRope) _localRotary = new RotaryTables(config, device, isLocal: true);
        if (config.Family.ScalesEmbedding) _embeddingScale = Rounded(Math.Sqrt(config.HiddenSize), device.DataType);
        _blocks = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new LlamaBlock(config, Arena, i))];
        Projections = [.. _blocks.SelectMany(b => b.Projections)];
    }

    public LlamaConfig Config => _config;

    public override IReadOnlyList<LinearProjection> Projections { get; }

    /// <summary>A model with random weights: normal with the config's initializer range, norms at one.</summary>
    public static LlamaModel Create(LlamaConfig config, DeviceContext device, SeededRandom random)
    {
        var model = new LlamaModel(config, device);
        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in model.Parameters)
        {
            using var scope = torch.NewDisposeScope();
            if (name.EndsWith("norm.weight", StringComparison.Ordinal)) tensor.fill_(config.Family.Gain == NormGain.FromOne ? 0 : 1);
            else if (name.EndsWith(".weight", StringComparison.Ordinal))
                tensor.copy_(random.Normal(tensor.shape) * config.InitializerRange);
        }

        return model;
    }

    public override Tensor FinalNorm(Tensor hidden) => _finalNorm.Apply(hidden);

    public override Tensor Unembed(Tensor hidden)
    {
        var logits = torch.nn.functional.linear(hidden, _head);
        return _config.FinalLogitSoftcapping is { } cap ? (logits / cap).tanh() * cap : logits;
    }

    internal override void WriteCanonicalUnits() => LlamaUnits.Write(this);

    internal override Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache) => Blocks(inputIds, tap, cache, positions: null);

    internal override Tensor BlocksAt(Tensor inputIds, Tensor positions, KeyValueCache? cache) => Blocks(inputIds, tap: null, cache, positions);

    private Tensor Blocks(Tensor inputIds, Tap? tap, KeyValueCache? cache, Tensor? positions)
    {
        // TorchSharp does not bind the functional embedding.
        var hidden = _embedding.index_select(0, inputIds.reshape(-1)).view(inputIds.shape[0], inputIds.shape[1], Shape.Hidden);
        if (_embeddingScale is { } scale) hidden = hidden * scale;
        if (tap is not null) hidden = tap(0, TapSite.Embedding, hidden);
        // The fused kernel caps nothing.
        var pass = new AttentionPass(inputIds, cache, PlainAttention || _config.AttnLogitSoftcapping is not null, _config.Window);
        var rotation = new Rotation(_rotary, pass);
        var local = _localRotary is null ? rotation : new Rotation(_localRotary, pass);
        for (var i = 0; i < _blocks.Length; i++)
        {
            var (block, angles, wanted) = (_blocks[i], _config.WindowOf(i) is null ? rotation : local, i == _blocks.Length - 1 ? positions : null);
            hidden = Run(hidden, tap, h => block.Forward(h, pass, angles, tap, wanted));
        }

        if (cache is not null) cache.Length += (int)inputIds.shape[1];
        return hidden;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        _rotary.Dispose();
        _localRotary?.Dispose();
    }

    private static double Rounded(double value, ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        return torch.tensor(value).to(type).to(ScalarType.Float64).item<double>();
    }
}
