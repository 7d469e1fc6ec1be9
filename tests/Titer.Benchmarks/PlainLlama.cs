using Titer.Models.Llama;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Titer.Benchmarks;

/// <summary>The same architecture as one writes it with TorchSharp's own modules: what training is compared with.</summary>
internal sealed class PlainLlama : Module<torch.Tensor, torch.Tensor>
{
    private readonly Embedding _embedding;
    private readonly ModuleList<Block> _blocks;
    private readonly TorchSharp.Modules.Parameter _norm;
    private readonly LlamaConfig _config;
    private readonly torch.Tensor _cosine;
    private readonly torch.Tensor _sine;

    public PlainLlama(LlamaConfig config)
        : base(nameof(PlainLlama))
    {
        _config = config;
        _embedding = Embedding(config.VocabSize, config.HiddenSize);
        _blocks = new ModuleList<Block>([.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => new Block(config))]);
        _norm = Parameter(torch.ones(config.HiddenSize));
        var size = config.HeadSize;
        var frequency = torch.pow(config.RopeTheta, torch.arange(0, size / 2, dtype: torch.ScalarType.Float32) * (-2.0 / size));
        var angle = torch.outer(torch.arange(0, config.MaxPositionEmbeddings, dtype: torch.ScalarType.Float32), frequency);
        var both = torch.cat([angle, angle], 1);
        (_cosine, _sine) = (both.cos(), both.sin());
        RegisterComponents();
    }

    public override torch.Tensor forward(torch.Tensor ids)
    {
        var hidden = _embedding.forward(ids);
        var (cosine, sine) = (_cosine.narrow(0, 0, ids.shape[1]), _sine.narrow(0, 0, ids.shape[1]));
        foreach (var block in _blocks) hidden = block.Forward(hidden, cosine, sine);
        return functional.linear(Norm(hidden, _norm, _config.RmsNormEps), _embedding.weight!);
    }

    private static torch.Tensor Norm(torch.Tensor x, torch.Tensor weight, double epsilon) =>
        x * torch.rsqrt(x.square().mean([-1], keepdim: true) + epsilon) * weight;

    private sealed class Block : Module
    {
        private readonly Linear _query;
        private readonly Linear _key;
        private readonly Linear _value;
        private readonly Linear _output;
        private readonly Linear _gate;
        private readonly Linear _up;
        private readonly Linear _down;
        private readonly TorchSharp.Modules.Parameter _inputNorm;
        private readonly TorchSharp.Modules.Parameter _postNorm;
        private readonly LlamaConfig _config;

        public Block(LlamaConfig config)
            : base(nameof(Block))
        {
            _config = config;
            var (query, keyValue) = (config.NumAttentionHeads * config.HeadSize, config.KeyValueHeads * config.HeadSize);
            (_query, _key, _value, _output) = (Linear(config.HiddenSize, query, false), Linear(config.HiddenSize, keyValue, false),
                Linear(config.HiddenSize, keyValue, false), Linear(query, config.HiddenSize, false));
            (_gate, _up, _down) = (Linear(config.HiddenSize, config.IntermediateSize, false),
                Linear(config.HiddenSize, config.IntermediateSize, false), Linear(config.IntermediateSize, config.HiddenSize, false));
            (_inputNorm, _postNorm) = (Parameter(torch.ones(config.HiddenSize)), Parameter(torch.ones(config.HiddenSize)));
            RegisterComponents();
        }

        public torch.Tensor Forward(torch.Tensor hidden, torch.Tensor cosine, torch.Tensor sine)
        {
            var (batch, time) = (hidden.shape[0], hidden.shape[1]);
            var normed = Norm(hidden, _inputNorm, _config.RmsNormEps);
            torch.Tensor Heads(torch.Tensor x, int heads) => x.view(batch, time, heads, _config.HeadSize).transpose(1, 2);
            torch.Tensor Rotate(torch.Tensor x) =>
                x * cosine + torch.cat([x.narrow(3, x.shape[3] / 2, x.shape[3] / 2).neg(), x.narrow(3, 0, x.shape[3] / 2)], 3) * sine;
            var (query, key, value) = (Rotate(Heads(_query.forward(normed), _config.NumAttentionHeads)),
                Rotate(Heads(_key.forward(normed), _config.KeyValueHeads)), Heads(_value.forward(normed), _config.KeyValueHeads));
            var group = _config.NumAttentionHeads / _config.KeyValueHeads;
            if (group > 1) (key, value) = (key.repeat_interleave(group, 1), value.repeat_interleave(group, 1));
            var mixed = functional.scaled_dot_product_attention(query, key, value, is_casual: true);
            hidden = hidden + _output.forward(mixed.transpose(1, 2).reshape(batch, time, -1));
            normed = Norm(hidden, _postNorm, _config.RmsNormEps);
            return hidden + _down.forward(functional.silu(_gate.forward(normed)) * _up.forward(normed));
        }
    }
}
