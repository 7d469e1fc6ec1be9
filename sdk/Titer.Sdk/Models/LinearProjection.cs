using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>A linear map of a block, y = x W^T + b, plus a low-rank adapter while one is attached.</summary>
public sealed class LinearProjection
{
    private readonly Tensor _stored;
    private readonly bool _isTransposed;

    private readonly Func<Tensor>? _outputGain;

    internal LinearProjection(string path, int block, Tensor stored, Tensor? bias = null, bool isTransposed = false,
        Func<Tensor>? outputGain = null) =>
        (Path, Name, Block, _stored, Bias, _isTransposed, _outputGain) =
            (path, path[(path.LastIndexOf('.') + 1)..], block, stored, bias, isTransposed, outputGain);

    /// <summary>Short name as in adapter targets: <c>q_proj</c>, <c>down_proj</c>, ... A block may have two of a name.</summary>
    public string Name { get; }

    public int Block { get; }

    /// <summary>[out, in]. A view of the parameter where the checkpoint keeps it as [in, out]: writing to it writes to the parameter.</summary>
    public Tensor Weight => _isTransposed ? _stored.transpose(0, 1) : _stored;

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>
    /// [out]: what a norm behind the map multiplies each of its normed outputs by, before they are added to the residual stream (Gemma, OLMo 2);
    /// null where none stands there. A direction r of the stream is r times this in the map's outputs.
    /// </summary>
    public Tensor? OutputGain => _outputGain?.Invoke();

    /// <summary>Full module path, unique in the model: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    internal string Path { get; }

    /// <summary>The parameter is [in, out], as GPT-2 keeps it.</summary>
    internal bool IsTransposed => _isTransposed;

    internal long InputSize => _stored.shape[_isTransposed ? 0 : 1];

    internal long OutputSize => _stored.shape[_isTransposed ? 1 : 0];

    internal (Tensor A, Tensor B, double Scale)? Adapter { get; set; }

    /// <summary>Applies the map.</summary>
    /// <param name="input">[..., in].</param>
    /// <returns>[..., out].</returns>
    public Tensor Apply(Tensor input)
    {
        var output = torch.nn.functional.linear(input, Weight, Bias);
        if (Adapter is not { } adapter) return output;
        var low = torch.nn.functional.linear(input, adapter.A);
        return output + torch.nn.functional.linear(low, adapter.B) * adapter.Scale;
    }
}
