using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Llama;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>What checkpoints of the family differ in.</summary>
public sealed class LlamaFamilyTests
{
    public static TheoryData<string> Members => [.. LlamaMembers.Names];

    /// <summary>Rows leave one after the other, the longest prompts first: the others lose padding on the way.</summary>
    [Theory]
    [MemberData(nameof(Members))]
    public void Rows_that_end_leave_the_others_answers_as_they_were(string member)
    {
        using var model = Tiny.Model(8, LlamaMembers.ConfigOf(member));
        int[][] prompts = [.. Enumerable.Range(0, 30).Select(i => Enumerable.Range(0, 1 + i % 10).Select(t => 1 + (7 * i + 3 * t) % 39).ToArray())];
        var free = TextGenerator.Greedy(model, prompts, 12, endId: -1, padId: 0);

        foreach (var end in free.SelectMany(row => row).Distinct())
            Assert.Equal(free.Select(row => row.TakeWhile(token => token != end)), TextGenerator.Greedy(model, prompts, 12, end, padId: 0));
        Assert.Equal(free, prompts.Select(p => TextGenerator.Greedy(model, [p], 12, endId: -1, padId: 0)[0]));
    }

    [Fact]
    public void Members_have_the_parameters_that_their_checkpoints_have()
    {
        static string[] Names(string member) =>
            [.. LlamaMembers.ConfigOf(member).Layout().Select(l => l.Name)
                .Where(n => n.StartsWith("model.layers.0.self_attn", StringComparison.Ordinal))
                .Select(n => n["model.layers.0.self_attn.".Length..])];

        string[] plain = ["q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight"];
        Assert.All(new[] { "llama2", "llama3", "mistral", "smollm2" }, m => Assert.Equal(plain, Names(m)));
        Assert.Equal(["q_proj.weight", "q_proj.bias", "k_proj.weight", "k_proj.bias", "v_proj.weight", "v_proj.bias", "o_proj.weight"],
            Names("qwen2"));
        Assert.Equal([.. plain, "q_norm.weight", "k_norm.weight"], Names("qwen3"));
    }

    [Fact]
    public void A_token_outside_of_the_window_is_not_seen()
    {
        var config = LlamaMembers.ConfigOf("mistral") with { NumHiddenLayers = 1, SlidingWindow = 4 };
        foreach (var plain in new[] { false, true })
        {
            using var model = Tiny.Model(7, config);
            model.PlainAttention = plain;
            using var scope = torch.NewDisposeScope();
            var (first, other) = (model.Forward(Tiny.Ids([1, 5, 9, 7, 30, 2])), model.Forward(Tiny.Ids([3, 5, 9, 7, 30, 2])));

            // Position 3 sees position 0, position 4 does not.
            Assert.False(torch.allclose(first[0, 3], other[0, 3], atol: 1e-4));
            Assert.True(first[0, 4].eq(other[0, 4]).all().item<bool>());
            Assert.True(first[0, 5].eq(other[0, 5]).all().item<bool>());
        }
    }

    [Fact]
    public void A_window_may_concern_later_blocks_alone()
    {
        var qwen = LlamaMembers.ConfigOf("qwen2") with { NumHiddenLayers = 4, SlidingWindow = 8, MaxWindowLayers = 2 };

        Assert.All(Enumerable.Range(0, 4), b => Assert.Null(qwen.WindowOf(b)));
        Assert.Equal([null, null, 8, 8], Enumerable.Range(0, 4).Select((qwen with { UseSlidingWindow = true }).WindowOf));
        Assert.Equal([8, null, 8, null],
            Enumerable.Range(0, 4)
                .Select((qwen with { LayerTypes = ["sliding_attention", "full_attention", "sliding_attention", "full_attention"] }).WindowOf));
    }

    /// <summary>Head size 128 and theta 500000, as in Llama 3.1: the frequencies with numbers 0, 28, 32 and 63 by hand.</summary>
    [Fact]
    public void Llama3_keeps_short_waves_stretches_long_ones_and_mixes_between()
    {
        static double Plain(int i) => Math.Pow(500000, -2.0 * i / 128);

        Assert.Equal(1, LlamaMembers.Llama3.Scale(Plain(0)));
        // Wavelength 2 pi 500000^(56/128) = 1956.6 is under 8192 / 4 = 2048.
        Assert.Equal(Plain(28), LlamaMembers.Llama3.Scale(Plain(28)));
        // Wavelength 2 pi 500000^0.5 = 4442.9; smooth = (8192 / 4442.9 - 1) / 3 = 0.28128.
        var smooth = (8192 / 4442.8829 - 1) / 3;
        Assert.Equal(((1 - smooth) / 8 + smooth) * Plain(32), LlamaMembers.Llama3.Scale(Plain(32)), 1e-9);
        Assert.Equal(Plain(63) / 8, LlamaMembers.Llama3.Scale(Plain(63)), 1e-18);
        Assert.Equal(0.25, new RopeSettings { Type = "linear", Factor = 4 }.Scale(1));
    }

    [Theory]
    [InlineData("\"model_type\": \"mamba\"", "model_type 'mamba'")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4}", "rope_type 'yarn'")]
    [InlineData("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0.5}", "rope settings")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8}", "rope settings")]
    [InlineData("\"hidden_act\": \"relu\"", "hidden_act 'relu'")]
    [InlineData("\"sliding_window\": 0", "sliding_window 0")]
    [InlineData("\"model_type\": \"gemma3\"", "model_type 'gemma3'")]
    [InlineData("\"model_type\": \"gemma2\", \"hidden_activation\": \"mish\"", "hidden_activation 'mish'")]
    [InlineData("\"model_type\": \"gemma2\", \"attn_logit_softcapping\": -1", "attn_logit_softcapping -1")]
    [InlineData("\"model_type\": \"gemma3_text\", \"use_bidirectional_attention\": true", "use_bidirectional_attention 'true'")]
    [InlineData("\"model_type\": \"gemma3_text\", \"sliding_window_pattern\": 0", "sliding_window_pattern 0")]
    [InlineData("\"model_type\": \"phi3\", \"rope_scaling\": {\"type\": \"yarn\"}", "rope_type 'yarn'")]
    [InlineData("\"model_type\": \"phi3\", \"rope_scaling\": {\"type\": \"longrope\"}", "longrope")]
    [InlineData("\"model_type\": \"phi3\", \"partial_rotary_factor\": 0.2", "partial_rotary_factor")]
    [InlineData("\"layer_types\": [\"full_attention\"]", "layer_types")]
    [InlineData("\"eos_token_id\": \"two\"", "not a model configuration")]
    public void What_is_not_known_is_named(string setting, string named)
    {
        using var folder = new TestFolder();
        var common = "\"vocab_size\": 40, \"hidden_size\": 24, \"intermediate_size\": 32, \"num_hidden_layers\": 2, \"num_attention_heads\": 4";
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), $"{{{common}, {setting}}}");

        var fault = Assert.Throws<CheckpointException>(() => CheckpointReader.Read(folder.Path, Fixtures.Cpu()));

        Assert.StartsWith("TITER41", fault.Message, StringComparison.Ordinal);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_file_of_Gemma_leaves_out_is_what_the_family_means_and_an_explicit_null_stays()
    {
        using var folder = new TestFolder();
        var common = "\"vocab_size\": 40, \"hidden_size\": 24, \"intermediate_size\": 32, \"num_hidden_layers\": 2, \"num_attention_heads\": 4";
        LlamaConfig Read(string more)
        {
            File.WriteAllText(folder.File("config.json"), $"{{{common}, {more}}}");
            return (LlamaConfig)Architectures.In(folder.Path);
        }

        var second = Read("\"model_type\": \"gemma2\"");
        Assert.Equal((50, 30, 256, 4096, 256, 8192, true, "gelu_pytorch_tanh"), (second.AttnLogitSoftcapping, second.FinalLogitSoftcapping,
            second.HeadSize, second.SlidingWindow, second.QueryPreAttnScalar, second.MaxPositionEmbeddings, second.TieWordEmbeddings,
            second.Activation));
        var bare = Read("\"model_type\": \"gemma2\", \"attn_logit_softcapping\": null");
        Assert.Equal((null, 30), (bare.AttnLogitSoftcapping, bare.FinalLogitSoftcapping));
        File.WriteAllBytes(folder.File("config.json"), ((IArchitecture)bare).ToJson());
        Assert.Null(((LlamaConfig)Architectures.In(folder.Path)).AttnLogitSoftcapping);
        var third = Read("\"model_type\": \"gemma3_text\"");
        Assert.Equal((null, 1e6, 10000, 131072), (third.AttnLogitSoftcapping, third.Theta, third.LocalTheta, third.MaxPositionEmbeddings));
        Assert.Equal(1e-5, Read("\"model_type\": \"olmo2\"").RmsNormEps);
    }

    [Fact]
    public void A_text_ends_where_the_long_factors_of_longrope_would_begin()
    {
        using var model = Tiny.Model(3, LlamaMembers.ConfigOf("phi4-mini"));

        Assert.Equal(30, model.Shape.MaxLength);
        Assert.Throws<ArgumentException>(() => model.Forward(Tiny.Ids([.. Enumerable.Repeat(1L, 31)])));
    }

    [Fact]
    public void Settings_are_read_in_their_older_and_newer_places()
    {
        using var folder = new TestFolder();
        var common =
            "\"vocab_size\": 40, \"hidden_size\": 24, \"intermediate_size\": 32, \"num_hidden_layers\": 2, \"num_attention_heads\": 4, "
                + "\"eos_token_id\": [7, 8]";
        LlamaConfig Read(string more)
        {
            File.WriteAllText(Path.Combine(folder.Path, "config.json"), $"{{{common}, {more}}}");
            return (LlamaConfig)Architectures.In(folder.Path);
        }

        var older = Read("\"rope_theta\": 1000, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}");
        var newer = Read("\"rope_parameters\": {\"rope_theta\": 1000, \"rope_type\": \"linear\", \"factor\": 2}");

        Assert.Equal((1000, "linear", 2), (older.Theta, older.Rope!.Kind, older.Rope.Factor));
        Assert.Equal((1000, "linear", 2), (newer.Theta, newer.Rope!.Kind, newer.Rope.Factor));
        Assert.Equal([7, 8], newer.EosTokenId!);
    }
}
