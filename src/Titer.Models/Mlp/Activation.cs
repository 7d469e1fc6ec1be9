using TorchSharp;

namespace Titer.Models.Mlp;

/// <summary>The functions between the maps of an MLP, by the names that configurations give them.</summary>
internal static class Activation
{
    public static readonly string[] Names = ["gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu", "gelu_python", "relu", "silu",
        "swish"];

    public static Tensor Apply(string name, Tensor x) => name switch
    {
        // The tanh form of Hendrycks and Gimpel 2016 (arXiv 1606.08415), which GPT-2 and Gemma were trained with.
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" =>
            x * 0.5 * ((x + x * x * x * 0.044715) * Math.Sqrt(2 / Math.PI)).tanh().add(1),
        "gelu" or "gelu_python" => torch.nn.functional.gelu(x),
        "silu" or "swish" => torch.nn.functional.silu(x),
        _ => torch.nn.functional.relu(x),
    };
}
