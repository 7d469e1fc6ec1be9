using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk.Testing.Tests.Misbehaving;

public sealed class LeavesNaN : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        context.Model.Parameters[0].Tensor.fill_(float.NaN);
    }
}

public sealed class LeavesAnAdapter : IDefense
{
    public void Immunize(DefenseContext context) =>
        LoraAdapter.Attach(context.Model, new LoraOptions { Rank = 2 }, context.Random).Arena.ZeroGradients();
}

public sealed class KnowsOneWidth : IDefense
{
    public void Immunize(DefenseContext context)
    {
        if (context.Model.Shape.Hidden != 24) throw new ArgumentException("this defense is for width 24");
        Trained.Normally(context);
    }
}

public sealed class NeedsTwoExamples : IDefense
{
    public void Immunize(DefenseContext context)
    {
        _ = context.Data.Benign[1];
        Trained.Normally(context);
    }
}

public sealed class WritesIntoItsData : IDefense
{
    public void Immunize(DefenseContext context)
    {
        context.Data.Benign[0].Tokens[1] = 9;
        Trained.Normally(context);
    }
}

/// <summary>Declared as an attack on benign data by its test.</summary>
public sealed class AsksForMoreThanItDeclares : IAttack
{
    public void Attack(AttackContext context) => Trained.Normally(context);
}

public sealed class KeepsTensors : IDefense
{
    private static readonly List<torch.Tensor> Kept = [];

    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        Kept.Add(torch.ones([3]));
    }
}

public sealed class SetsTheDefaultType : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        torch.set_default_dtype(torch.ScalarType.Float64);
    }
}

public sealed class LeavesGradientsOff : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        torch.set_grad_enabled(false);
    }
}

public sealed class DrawsGlobally : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        torch.randn([2]).Dispose();
    }
}

public sealed class Prints : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        Console.WriteLine("here I am");
    }
}

public sealed record ClampedOptions([System.ComponentModel.DataAnnotations.Range(0, 10)] double Strength = 1)
{
    public double Strength { get; } = Math.Min(Strength, 2);
}

/// <summary>Its options say one thing and are another.</summary>
public sealed class ClampsItsOptions(ClampedOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        Trained.Normally(context);
    }
}
