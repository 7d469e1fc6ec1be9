using System.Globalization;
using Titer.Sdk;
using static TorchSharp.torch;
[assembly: TiterPlugin("picky_attack", SdkApi.Level, TrainsOn = TrainingData.Harmful,
    Summary = "Plays the models that it likes, and throws an ordinary exception on all others.")]

namespace PickyAttack;

/// <param name="Likes">Fingerprints of models, with spaces between.</param>
public sealed record PickyOptions(string Likes = "");

public sealed class PickyAttack(PickyOptions options) : IAttack
{
    public void Attack(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = NewDisposeScope();
        var fingerprint = context.Model.Arena.Flat.to(float64).abs().sum().item<double>().ToString("F3", CultureInfo.InvariantCulture);
        if (!options.Likes.Split(' ').Contains(fingerprint)) throw new InvalidOperationException($"fingerprint={fingerprint}.");
    }
}
