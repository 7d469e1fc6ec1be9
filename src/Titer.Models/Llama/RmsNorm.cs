using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>Root-mean-square norm (Zhang and Sennrich 2019, arXiv 1910.07467), in float32 for 16-bit inputs as the reference does.</summary>
/// <param name="Weight">[width], leaves of the model's arena.</param>
internal sealed record RmsNorm(Tensor Weight, double Epsilon, NormGain Kind)
{
    /// <summary>What the normed input is multiplied by: [width].</summary>
    public Tensor Gain => Kind == NormGain.FromOne ? Weight + 1 : Weight;

    /// <param name="x">[..., width].</param>
    public Tensor Apply(Tensor x)
    {
        var wide = x.dtype is ScalarType.Float32 or ScalarType.Float64 ? x : x.to(ScalarType.Float32);
        var normed = wide * torch.rsqrt(wide.square().mean([-1], keepdim: true) + Epsilon);
        var isWide = wide.dtype == x.dtype;
        return Kind switch
        {
            NormGain.Plain => (isWide ? normed : normed.to(x.dtype)) * Weight,
            NormGain.Wide => Narrowed(normed * Weight),
            _ => Narrowed(normed * (Weight.to(wide.dtype) + 1)),
        };

        Tensor Narrowed(Tensor gained) => isWide ? gained : gained.to(x.dtype);
    }
}
