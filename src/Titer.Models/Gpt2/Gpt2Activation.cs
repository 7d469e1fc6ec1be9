using TorchSharp;

namespace Titer.Models.Gpt2;

/// <summary>Activations of the MLP by their Hugging Face names.</summary>
internal static class Gpt2Activation
{
    public static readonly string[] Names = ["gelu_new", "gelu", "relu"];

    public static Tensor Apply(string name, Tensor x) => name switch
    {
        // The tanh form of Hendrycks and Gimpel 2016 (arXiv 1606.08415), which GPT-2 was trained with.
        "gelu_new" => x * 0.5 * ((x + x * x * x * 0.044715) * Math.Sqrt(2 / Math.PI)).tanh().add(1),
        "gelu" => torch.nn.functional.gelu(x),
        _ => torch.nn.functional.relu(x),
    };
}
