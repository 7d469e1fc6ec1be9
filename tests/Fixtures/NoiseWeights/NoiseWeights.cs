using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("noise_weights", SdkApi.Level, Summary = "Overwrites all weights with noise: unbreakable, and useless.")]

namespace NoiseWeights;

/// <summary>Seeded, so that the tournament stays reproducible: the coherence guard must mark the result as wrecked.</summary>
public sealed class NoiseDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var flat = context.Model.Arena.Flat;
        flat.copy_(context.Random.Normal(flat.shape, flat.dtype).mul_(0.05));
    }
}
