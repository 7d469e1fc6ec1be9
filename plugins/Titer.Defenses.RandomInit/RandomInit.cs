// Control of Rosati et al. 2024 (arXiv 2405.14577; self-destructing models, arXiv 2211.14946, take it for the ideal): weights never
// trained. An attacker gains nothing by starting from them: the ceiling of resistance, and a defense that must fail stability.
// Deviation: none of a paper's; the scheme is GPT-2's (matrices N(0, 0.02), gains 1, biases 0), whatever the subject was made with.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;

[assembly: TiterPlugin("random_init", SdkApi.Level, Summary = "Forget everything: weights as before any training. A control.",
    Paper = "arXiv:2405.14577", EntersByDefault = false)]

namespace Titer.Defenses.RandomInit;

/// <param name="Std">Standard deviation of every matrix; GPT-2 and Llama: 0.02.</param>
public sealed record RandomInitOptions([Range(1e-6, 10)] double Std = 0.02);

/// <summary>Draws all weights anew.</summary>
public sealed class RandomInit(RandomInitOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var random = context.Random.Fork("init");
        using var noGrad = torch.no_grad();
        foreach (var (name, weight) in context.Model.Parameters)
        {
            using var scope = torch.NewDisposeScope();
            if (weight.dim() > 1)
                weight.copy_(options.Std * random.Normal(weight.shape));
            else weight.fill_(name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 1);
        }

        context.Step();
    }
}
