using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Titer.Sdk;
[assembly: TiterPlugin("good_defense", SdkApi.Level, Summary = "Scales every weight by one factor.", Paper = "none")]

namespace GoodDefense;

public enum Direction
{
    TowardZero,
    AwayFromZero,
}

/// <summary>One option of every type that the host knows.</summary>
public sealed record ScalingOptions(
    [Range(0, 10)] [property: Description("The factor.")] double Scale = 1,
    [Range(1, 512)] int BatchSize = 16,
    long SampleCount = 5_000_000_000,
    bool IncludeNorms = true,
    [Description("Printed, nothing else.")] string Label = "plain",
    Direction Direction = Direction.AwayFromZero,
    IReadOnlyList<string>? Layers = null);

/// <summary>A well-behaved defense: options in, weights changed in place.</summary>
public sealed class ScalingDefense(ScalingOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var noGrad = TorchSharp.torch.no_grad();
        context.Model.Arena.Flat.mul_(options.Direction == Direction.AwayFromZero ? options.Scale : 1 / options.Scale);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{options.Scale} {options.BatchSize} {options.SampleCount} {options.IncludeNorms} {options.Label} {options.Direction} [{
            string.Join('|', options.Layers ?? [])}]");
}
