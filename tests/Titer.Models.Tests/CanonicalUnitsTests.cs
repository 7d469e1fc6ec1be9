using Titer.Models.Gpt2;
using Titer.Models.Llama;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>The same function in units that depend on the function alone.</summary>
public sealed class CanonicalUnitsTests
{
    /// <summary>The norms' epsilon is the one thing that a change of the stream's units does not carry along.</summary>
    private const double Epsilon = 1e-10;

    public static TheoryData<string> Models => ["llama", "untied", "qwen2", "qwen3", "biased", "gemma2", "gemma3", "phi3", "phi4-mini",
        "olmo2", "gpt2", "gpt2-relu", "gpt2-untied"];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_function_stays_what_it_is(string name)
    {
        using var model = Model(name);
        using var before = LogProbabilities(model);

        model.ToCanonicalUnits();

        using var after = LogProbabilities(model);
        Assert.InRange(Difference(before, after), 0, 2e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_in_other_units_comes_out_as_the_same_weights(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Model(name);
        using var original = LogProbabilities(model);
        using var rescaled = Model(name);
        using var random = new SeededRandom(7, torch.CPU);
        OtherUnits.Of(rescaled, random);
        using var other = LogProbabilities(rescaled);
        Assert.InRange(Difference(original, other), 0, 2e-3);
        Assert.True(Distance(model, rescaled) > 0.5);

        model.ToCanonicalUnits();
        rescaled.ToCanonicalUnits();

        Assert.InRange(Distance(model, rescaled), 0, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Canonical_units_are_their_own(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var model = Model(name);
        model.ToCanonicalUnits();
        var once = model.Arena.Flat.clone();

        model.ToCanonicalUnits();

        Assert.InRange((model.Arena.Flat - once).norm().item<float>() / once.norm().item<float>(), 0, 1e-3);
    }

    [Fact]
    public void A_model_with_an_adapter_is_refused()
    {
        using var model = Model("llama");
        using var random = new SeededRandom(1, torch.CPU);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions(), random);

        Assert.StartsWith("TITER304", Assert.Throws<ArgumentException>(model.ToCanonicalUnits).Message, StringComparison.Ordinal);
    }

    /// <summary>Gains and biases are random: ones and zeros would hide a mistake.</summary>
    private static CausalLanguageModel Model(string name)
    {
        var llama = Tiny.Config with { RmsNormEps = Epsilon };
        var gpt2 = TinyGpt2.Config with { LayerNormEpsilon = Epsilon };
        CausalLanguageModel model = name switch
        {
            "llama" => Tiny.Model(3, llama),
            "untied" => Tiny.Model(3, llama with { TieWordEmbeddings = false }),
            "qwen2" => Tiny.Model(3, llama with { ModelType = "qwen2" }),
            "qwen3" => Tiny.Model(3, llama with { ModelType = "qwen3" }),
            "biased" => Tiny.Model(3, llama with { AttentionBias = true, MlpBias = true }),
            "gemma2" or "gemma3" or "phi3" or "phi4-mini" or "olmo2" =>
                Tiny.Model(3, LlamaMembers.ConfigOf(name) with { RmsNormEps = Epsilon }),
            "gpt2-relu" => TinyGpt2.Model(3, gpt2 with { ActivationFunction = "relu" }),
            "gpt2-untied" => TinyGpt2.Model(3, gpt2 with { TieWordEmbeddings = false }),
            _ => TinyGpt2.Model(3, gpt2),
        };
        if (model is not LlamaModel) return model;
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var random = new SeededRandom(4, torch.CPU);
        foreach (var (_, tensor) in model.Parameters.Where(p => p.Tensor.dim() == 1))
            tensor.add_(torch.randn(tensor.shape, generator: random.Generator) * 0.2);
        return model;
    }

    private static Tensor LogProbabilities(CausalLanguageModel model)
    {
        using var noGrad = torch.no_grad();
        using var ids = Tiny.Ids([1, 5, 9, 3, 20, 31, 7], [2, 8, 30, 11, 4, 6, 39]);
        return torch.nn.functional.log_softmax(model.Forward(ids), -1).DetachFromDisposeScope();
    }

    private static double Difference(Tensor first, Tensor second) => (first - second).abs().max().item<float>();

    /// <summary>Relative to the size of the weights.</summary>
    private static double Distance(CausalLanguageModel first, CausalLanguageModel second) =>
        first.Parameters.Zip(second.Parameters, (a, b) => (double)((a.Tensor - b.Tensor).norm() / (a.Tensor.norm() + 1e-3)).item<float>()).Max();
}
