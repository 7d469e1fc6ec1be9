using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>What every architecture and every family member promises.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string> Members => ["gpt2", "gpt2-scaled", .. LlamaMembers.Names];

    [Theory]
    [MemberData(nameof(Members))]
    public void A_random_checkpoint_comes_back_with_equal_logits(string member)
    {
        using var model = ModelOf(member);
        using var folder = new TestFolder();
        CheckpointWriter.Write(model, folder.Path);

        using var read = CheckpointReader.Read(folder.Path, Fixtures.Cpu());
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9, 7, 30, 2, 11, 12], [1, 8, 3, 30, 31, 32, 33, 34]);

        Assert.Equal(model.GetType(), read.GetType());
        Assert.Equal(model.Parameters.Select(p => p.Name), read.Parameters.Select(p => p.Name));
        Assert.True(model.Forward(ids).eq(read.Forward(ids)).all().item<bool>());
        Assert.Null(WeightsCheck.Compare(folder.Path, folder.File("model.safetensors")));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Cached_generation_of_ragged_prompts_equals_recomputation(string member)
    {
        using var model = ModelOf(member);
        int[][] prompts = [[1, 5, 9, 7, 30, 2, 11], [1], [4, 8, 3, 30]];

        var cached = TextGenerator.Greedy(model, prompts, 9, endId: -1, padId: 0);

        for (var row = 0; row < prompts.Length; row++)
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.no_grad();
            var ids = prompts[row].ToList();
            for (var step = 0; step < 9; step++)
                ids.Add((int)model.Forward(Tiny.Ids([.. ids.Select(i => (long)i)]))[0, ids.Count - 1].argmax().item<long>());
            Assert.Equal(ids.Skip(prompts[row].Length), cached[row]);
        }
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Rows_of_a_padded_batch_equal_single_rows(string member)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        long[][] rows = [[1, 5, 9, 7, 30, 2, 11], [1], [4, 8, 3, 30]];
        var time = rows.Max(r => r.Length);
        var right = model.Forward(Tiny.Ids([.. rows.Select(r => (long[])[.. r, .. new long[time - r.Length]])]));
        using var cache = new KeyValueCache(model.Shape.Blocks, torch.tensor([.. rows.Select(r => (long)(time - r.Length))]), time);
        var left = model.Unembed(
            model.FinalNorm(model.Blocks(Tiny.Ids([.. rows.Select(r => (long[])[.. new long[time - r.Length], .. r])]), null, cache)));

        for (var row = 0; row < rows.Length; row++)
        {
            var (alone, length) = (model.Forward(Tiny.Ids(rows[row]))[0], rows[row].Length);
            Assert.True(torch.allclose(alone, right[row].narrow(0, 0, length), rtol: 1e-5, atol: 1e-5));
            Assert.True(torch.allclose(alone, left[row].narrow(0, time - length, length), rtol: 1e-5, atol: 1e-5));
        }
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void The_masked_loss_of_a_batch_is_the_mean_over_its_rows_answer_tokens(string member)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        TokenizedExample[] examples = [new("a", "d", [1, 3, 4, 5, 6, 7, 2], 2), new("b", "d", [1, 9, 2], 2), new("c", "d", [1, 8, 8, 11, 2], 3)];
        float Loss(params TokenizedExample[] of) => FineTuner.SupervisedLoss(model, TokenBatch.From(of, 0, torch.CPU)).item<float>();

        var counts = examples.Select(e => e.Tokens.Length - e.PromptLength).ToArray();
        var expected = examples.Select((e, i) => Loss(e) * counts[i]).Sum() / counts.Sum();

        Assert.Equal(expected, Loss(examples), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Wanted_positions_alone_equal_the_whole_pass(string member)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var ids = Tiny.Ids([1, 5, 9, 7, 30, 2, 11, 12], [1, 8, 3, 30, 31, 32, 33, 34]);
        var positions = torch.tensor([0L, 5, 8, 15]);

        var whole = model.Forward(ids).reshape(16, -1).index_select(0, positions);

        Assert.True(torch.allclose(whole, model.ForwardAt(ids, positions), rtol: 1e-5, atol: 1e-5));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Second_derivatives_exist_with_plain_attention(string member)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        model.PlainAttention = true;
        var loss = FineTuner.SupervisedLoss(model, Tiny.Examples().Batch([0, 1]));
        var weight = model.Parameters.First(p =>
            new[] { "q_proj.weight", "qkv_proj.weight", "c_attn.weight" }.Any(end => p.Name.EndsWith(end, StringComparison.Ordinal))).Tensor;

        var gradient = torch.autograd.grad([loss], [weight], retain_graph: true, create_graph: true)[0];
        var second = torch.autograd.grad([gradient.square().sum()], [weight])[0];

        Assert.True(second.norm().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void Taps_see_every_output_of_every_block_in_order_and_what_they_change_reaches_the_logits(string member)
    {
        using var model = ModelOf(member);
        using var scope = torch.NewDisposeScope();
        var ids = Tiny.Ids([1, 5, 9]);
        var seen = new List<(int, TapSite)>();

        var logits = model.Forward(ids, (block, site, value) =>
        {
            Assert.Equal([1, 3, 24], value.shape);
            seen.Add((block, site));
            return value;
        });

        Assert.Equal(
            [(0, TapSite.Embedding), (0, TapSite.AttentionOutput), (0, TapSite.MlpOutput), (0, TapSite.BlockOutput), (1, TapSite.AttentionOutput),
                (1, TapSite.MlpOutput), (1, TapSite.BlockOutput)],
            seen);
        // A constant shift of all features is what a layer norm takes out.
        var noise = torch.arange(24, dtype: ScalarType.Float32) * 0.1;
        Assert.All(Enum.GetValues<TapSite>(),
            where => Assert.False(
                torch.allclose(logits, model.Forward(ids, (_, site, value) => site == where ? value + noise : value), atol: 1e-3)));
    }

    private static CausalLanguageModel ModelOf(string member) => member switch
    {
        "gpt2" => TinyGpt2.Model(6),
        "gpt2-scaled" => TinyGpt2.Model(6, TinyGpt2.Config with { ScaleAttnByInverseLayerIdx = true, TieWordEmbeddings = false, Inner = 40 }),
        _ => Tiny.Model(6, LlamaMembers.ConfigOf(member)),
    };
}
