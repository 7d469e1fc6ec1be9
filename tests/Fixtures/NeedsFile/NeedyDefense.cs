using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("needs_file", SdkApi.Level, Summary = "Throws, some calls deep, while a file is missing.")]

namespace NeedsFile;

public sealed record NeedyOptions(string File = "");

public sealed class NeedyDefense(NeedyOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Read(options.File);
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(0.999);
    }

    private static void Read(string file) => _ = File.ReadAllText(file);
}
