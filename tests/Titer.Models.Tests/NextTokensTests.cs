using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>What judges are read by, against plain passes over one row at a time and sums written out here.</summary>
public sealed class NextTokensTests : IDisposable
{
    private static readonly int[][] Prompts = [[1, 5, 9], [1, 7], [1, 3, 3, 8, 2], [1, 4, 6]];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_token_choices_are_read_behind_each_prompt_whatever_it_is_batched_with()
    {
        using var model = Tiny.Model();
        var found = NextTokens.LogProbabilities(model, Prompts, [[4], [11], [39]], 0, batchSize: 3);
        for (var p = 0; p < Prompts.Length; p++)
        {
            var expected = LogSoftmax(Logits(model, Prompts[p])[^1]);
            foreach (var (choice, token) in new[] { 4, 11, 39 }.Index()) Assert.Equal(expected[token], found[p][choice], 4);
        }
    }

    [Fact]
    public void Choices_of_several_tokens_are_sums_over_them()
    {
        using var model = Tiny.Model();
        var found = NextTokens.LogProbabilities(model, Prompts, [[4, 8], [11]], 0, batchSize: 2);
        for (var p = 0; p < Prompts.Length; p++)
        {
            var first = LogSoftmax(Logits(model, Prompts[p])[^1]);
            var second = LogSoftmax(Logits(model, [.. Prompts[p], 4])[^1]);
            Assert.Equal(first[4] + second[8], found[p][0], 4);
            Assert.Equal(first[11], found[p][1], 4);
        }
    }

    /// <summary>The head's rows as rows of an output embedding of the same body: its logits are the labels'.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("qwen3")]
    public void A_head_labels_the_last_token_of_each_text(string type)
    {
        using var model = Tiny.Model(config: Tiny.Config with { TieWordEmbeddings = false, ModelType = type });
        CheckpointWriter.Write(model, _folder.Path);
        using (torch.no_grad())
        {
            NamedParameter[] tensors =
            [
                .. model.Parameters.Where(p => p.Name != "lm_head.weight"),
                new("score.weight", model.Arena["lm_head.weight"].narrow(0, 0, 3).clone()),
            ];
            SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors);
        }

        using var classifier = LlamaClassifier.Read(_folder.Path, DeviceSelection.Open("cpu"));
        var found = classifier.Logits(Prompts, 0, batchSize: 3);

        Assert.Equal(3, classifier.Labels);
        for (var p = 0; p < Prompts.Length; p++)
        {
            var expected = Logits(model, Prompts[p])[^1];
            for (var label = 0; label < 3; label++) Assert.Equal(expected[label], found[p][label], 4);
        }
    }

    [Fact]
    public void A_checkpoint_without_a_head_or_of_another_width_is_refused()
    {
        using (var model = Tiny.Model()) CheckpointWriter.Write(model, _folder.Path);
        Assert.Equal("TITER433", Assert.Throws<CheckpointException>(() => LlamaClassifier.Read(_folder.Path, DeviceSelection.Open("cpu"))).Code);
    }

    private static float[][] Logits(CausalLanguageModel model, int[] ids)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var logits = model.Forward(Tiny.Ids([.. ids.Select(i => (long)i)]));
        return [.. logits.data<float>().ToArray().Chunk((int)logits.shape[2])];
    }

    private static double[] LogSoftmax(float[] logits)
    {
        var most = logits.Max();
        var sum = logits.Sum(l => Math.Exp(l - most));
        return [.. logits.Select(l => l - most - Math.Log(sum))];
    }
}
