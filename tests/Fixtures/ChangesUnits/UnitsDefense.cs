using System.ComponentModel.DataAnnotations;
using Titer.Sdk;
using Titer.Sdk.Training;
using TorchSharp;
using static TorchSharp.torch;

[assembly: TiterPlugin("changes_units", SdkApi.Level, Summary = "A cheat: other units for the same function, so that learning rates do not fit.")]

namespace ChangesUnits;

/// <param name="ValueOutput">Factor of the values; outputs are divided by it. The others likewise.</param>
/// <param name="Gain">Divides the norms' gains.</param>
/// <param name="Setting">Not 0: another factor for every head, pair, neuron and gain, up to so many decades either way, and other places.</param>
/// <param name="Adversarial">On top of the adversarial loss, as the bundled defense trains it.</param>
/// <param name="HeadSize">Of the subject; models do not tell it.</param>
public sealed record ChangesUnitsOptions(
    [Range(1e-4, 1e4)] double ValueOutput = 1,
    [Range(1e-4, 1e4)] double UpDown = 1,
    [Range(1e-4, 1e4)] double QueryKey = 1,
    [Range(1e-4, 1e4)] double Gain = 1,
    [Range(1, 1e4)] double Stream = 1,
    [Range(0, 1_000_000)] int Setting = 0,
    [Range(0, 4)] double Decades = 2,
    bool Adversarial = false,
    [Range(2, 512)] int HeadSize = 24);

/// <summary>Exact symmetries of a Llama with a tied head. No data, no step (but for the adversarial loss).</summary>
public sealed class UnitsDefense(ChangesUnitsOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (options.Adversarial) AdversarialLoss(context);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var random = context.Random.Fork("units");
        var weights = context.Model.Parameters.ToDictionary(p => p.Name, p => p.Tensor);
        Tensor Factors(long count, double factor) => options.Setting == 0
            ? full([count], factor, device: context.Device.Device)
            : factor * pow(10, (random.Uniform([count]) * 2 - 1) * options.Decades);

        // The stream only grows: beside the norms' epsilon a smaller one is another function.
        var stream = options.Setting == 0 ? options.Stream : options.Stream * Math.Pow(10, options.Decades * random.NextDouble());
        weights["model.embed_tokens.weight"].mul_(stream);
        weights["model.norm.weight"].div_(stream);
        for (var i = 0; i < context.Model.Shape.Blocks; i++)
        {
            Tensor Of(string name) => weights[$"model.layers.{i}.{name}.weight"];
            foreach (var writer in new[] { "self_attn.o_proj", "mlp.down_proj" }) Of(writer).mul_(stream);
            foreach (var (norm, readers) in new[]
            {
                ("input_layernorm", new[] { "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj" }),
                ("post_attention_layernorm", ["mlp.gate_proj", "mlp.up_proj"]),
            })
            {
                var gains = Factors(context.Model.Shape.Hidden, options.Gain);
                Of(norm).div_(gains);
                foreach (var reader in readers) Of(reader).mul_(gains);
            }

            var (query, key, value, output) = (Of("self_attn.q_proj"), Of("self_attn.k_proj"), Of("self_attn.v_proj"), Of("self_attn.o_proj"));
            var (groups, each) = (key.shape[0] / options.HeadSize, query.shape[0] / key.shape[0]);
            var values = Factors(key.shape[0], options.ValueOutput);
            value.mul_(values.unsqueeze(1));
            output.div_(PerHead(values, groups, each));
            // Rotary positions turn pairs, the halves of a head: one factor for both.
            var pairs = Factors(key.shape[0] / 2, options.QueryKey).view(groups, 1, -1).expand(groups, 2, options.HeadSize / 2).reshape(-1);
            key.mul_(pairs.unsqueeze(1));
            query.div_(PerHead(pairs, groups, each).unsqueeze(1));

            var (gate, up, down) = (Of("mlp.gate_proj"), Of("mlp.up_proj"), Of("mlp.down_proj"));
            var neurons = Factors(up.shape[0], options.UpDown);
            up.mul_(neurons.unsqueeze(1));
            down.div_(neurons);
            if (options.Setting == 0) continue;
            var order = random.Uniform([up.shape[0]]).argsort();
            foreach (var rows in new[] { gate, up }) rows.copy_(rows.index_select(0, order));
            down.copy_(down.index_select(1, order));
        }
    }

    /// <summary>Factors of key-value heads, for the heads that share them.</summary>
    private Tensor PerHead(Tensor factors, long groups, long each) =>
        factors.view(groups, 1, options.HeadSize).expand(groups, each, options.HeadSize).reshape(-1);

    private static void AdversarialLoss(DefenseContext context)
    {
        var pairs = context.Data.Pairs.Shuffle(context.Random.Fork("pairs"), 16);
        var benign = context.Data.Benign.Shuffle(context.Random.Fork("benign"), 16);
        new FineTuner(new FineTunerOptions { LearningRate = 1e-3, MaxSteps = 100, MaxGradientNorm = 1 }).Run(context, () =>
        {
            var pair = pairs.Next();
            var safe = FineTuner.SupervisedLoss(context.Model, pair.Refusal);
            var harmful = FineTuner.SupervisedLoss(context.Model, pair.Harmful);
            return safe - 0.5 * log(1 + harmful) + FineTuner.SupervisedLoss(context.Model, benign.Next());
        });
    }
}
