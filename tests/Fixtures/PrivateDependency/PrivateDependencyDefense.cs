using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("private_dependency", SdkApi.Level, Summary = "Brings an older YamlDotNet than the host's, and needs it.")]

namespace PrivateDependency;

public sealed class PrivateDependencyDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var version = typeof(YamlDotNet.Serialization.SerializerBuilder).Assembly.GetName().Version;
        if (version?.Major != 16) throw new InvalidOperationException($"got YamlDotNet {version} in place of its own");
        using var noGrad = torch.no_grad();
        context?.Model.Arena.Flat.mul_(0.999);
    }
}
