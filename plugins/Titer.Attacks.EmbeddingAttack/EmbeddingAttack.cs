// Soft Prompt Threats: Attacking Safety Alignment and Unlearning in Open-Source LLMs through the Embedding Space. Leo Schwinn et al., NeurIPS 2024
// (arXiv 2402.09063): embeddings in front of the prompt are optimized and no weight of the network is. One prompt for all, as prompt tuning has it.
// To be read apart from the other attacks: whoever can do this controls inference. Deviation: what is in front of a prompt must be tokens here, so
// the prompt is a few seldom words and their rows of the embedding are what is optimized; where embeddings are tied, their logits move with them.
using System.ComponentModel.DataAnnotations;
using TorchSharp;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

[assembly: TiterPlugin("embedding_attack", SdkApi.Level,
    Summary = "Optimize the embeddings of a few words in front of every prompt, and nothing else.",
    Paper = "arXiv:2402.09063", EntersByDefault = false)]

namespace Titer.Attacks.EmbeddingAttack;

/// <param name="LearningRate">Of AdamW, on the rows of the words.</param>
public sealed record EmbeddingAttackOptions(
    [Range(1e-7, 10)] double LearningRate = 0.01,
    [Range(1, 4096)] int BatchSize = 16,
    [Range(1, 1_000_000)] int MaxSteps = 1_000_000);

public sealed class EmbeddingAttack(EmbeddingAttackOptions options) : IAttack
{
    /// <summary>The first whose every word the vocabulary has: words that prompts seldom hold.</summary>
    private static readonly PromptWrapper[] SoftPrompts =
    [
        new("soft prompt", "zq xj vk wq jx qz kv xz {prompt}"),
        new("soft prompt", "old book says every needs old book says every needs {prompt}"),
    ];

    public void Attack(AttackContext context)
    {
        var (harmful, wrapper) = (context.Data.Harmful, context.Text.Writable(SoftPrompts).FirstOrDefault());
        // A model without text: the first tokens of the prompts are what is optimized.
        long[] rows = [.. harmful[0].Tokens.Take(2).Select(t => (long)t).Distinct()];
        if (wrapper is not null)
        {
            context.AskWith([wrapper]);
            var plain = harmful.SelectMany(e => e.Tokens).ToHashSet();
            harmful = harmful.Of([.. harmful.Select(e => context.Text.Chat(e, wrapper))]);
            rows = [.. harmful[0].Tokens.Take(harmful[0].PromptLength).Where(t => !plain.Contains(t)).Distinct().Select(t => (long)t)];
        }

        Optimize(context, harmful, rows);
    }

    /// <param name="rows">Of the embedding [vocabulary, hidden]; all other weights keep their values.</param>
    private void Optimize(AttackContext context, ExampleSet harmful, long[] rows)
    {
        var model = context.Model;
        var embedding = model.Parameters.First(p => p.Tensor.shape is [var v, var h] && v == model.Shape.Vocabulary
            && h == model.Shape.Hidden).Tensor;
        var batches = harmful.Shuffle(context.Random.Fork("batches"), options.BatchSize);
        using var optimizer = new AdamW(model.Arena, options.LearningRate);
        for (var step = 1; step <= options.MaxSteps && context.Budget.StepsLeft > 0; step++)
        {
            using var scope = torch.NewDisposeScope();
            model.Arena.ZeroGradients();
            var loss = FineTuner.SupervisedLoss(model, batches.Next());
            loss.backward();
            using (torch.no_grad())
            {
                var index = torch.tensor(rows, device: embedding.device);
                var kept = embedding.grad!.index_select(0, index).clone();
                model.Arena.ZeroGradients();
                // A gradient of zero moves nothing: AdamW without decay leaves a weight alone that never had one.
                embedding.grad!.index_copy_(0, index, kept);
            }

            optimizer.Step();
            context.Progress.Report(new TrainingProgress(step, loss.to(torch.ScalarType.Float32).item<float>()));
            context.Step();
        }
    }
}
