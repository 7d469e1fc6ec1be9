using Titer.Models.Gpt2;
using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Tests.Gpt2;

/// <summary>A small random GPT-2.</summary>
internal static class TinyGpt2
{
    public static Gpt2Config Config { get; } = new()
    {
        VocabSize = 40,
        Hidden = 24,
        Blocks = 2,
        Heads = 4,
        Positions = 32,
        InitializerRange = 0.3,
    };

    /// <summary>Biases and norms are random too: zeros and ones would hide a mistake.</summary>
    public static Gpt2Model Model(ulong seed = 1, Gpt2Config? config = null)
    {
        var device = DeviceSelection.Open("cpu");
        using var random = new SeededRandom(seed, device.Device);
        var model = Gpt2Model.Create(config ?? Config, device, random);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (_, tensor) in model.Parameters.Where(p => p.Tensor.dim() == 1))
            tensor.add_(torch.randn(tensor.shape, generator: random.Generator) * 0.2);
        return model;
    }
}
