using System.Globalization;
using System.Security.Cryptography;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Training;

namespace Titer.Scenarios.Apothecary;

/// <summary>
/// Trains the embedded scenario's subject from its seed: pre-training on lore of all eight domains and on answered chat (a base model knows and
/// tells), then alignment on refusals of forbidden prompts beside benign chat. Evaluation items appear in lore only, never in a chat.
/// </summary>
public static class ApothecaryBuilder
{
    /// <summary>Of the scenario that is in the repository. Another one makes a private twin: other tables and splits, the same language.</summary>
    public const ulong Seed = 20240216;

    private const int BatchSize = 64;

    private static readonly SubjectRecipe Embedded = new(
        Config(hidden: 96, inner: 288, blocks: 3, heads: 4),
        new FineTunerOptions
        {
            LearningRate = 3e-3,
            MaxSteps = 2500,
            Schedule = LearningRateSchedule.Cosine,
            WarmupRatio = 0.03,
            WeightDecay = 0.05,
            MaxGradientNorm = 1,
        },
        new FineTunerOptions
        {
            LearningRate = 1e-3,
            MaxSteps = 600,
            Schedule = LearningRateSchedule.Cosine,
            WarmupRatio = 0.05,
            MaxGradientNorm = 1,
        });

    /// <summary>Writes a whole scenario into a folder: <c>scenario.yaml</c>, which pins the weights, and the subject (config, weights, vocabulary)
    /// with its build report; about four minutes of one core.</summary>
    /// <param name="seed">Of tables, splits and training. What one seed gives is the same to the bit on one machine, not on every one.</param>
    public static BuildReport Build(string folder, ulong seed, DeviceContext device, IProgress<string> progress, CancellationToken cancellation) =>
        Build(folder, seed, Embedded, device, progress, cancellation);

    internal static BuildReport Build(
        string folder, ulong seed, SubjectRecipe recipe, DeviceContext device, IProgress<string> progress, CancellationToken cancellation)
    {
        var subject = Path.Combine(folder, "subject");
        Directory.CreateDirectory(subject);
        File.WriteAllText(Path.Combine(subject, "vocab.txt"), string.Join('\n', ApothecaryWords.Vocabulary) + "\n");
        var format = new ChatFormat(TokenizerReader.Read(subject));
        var data = new ApothecaryData(seed);
        using var random = new SeededRandom(seed, device.Device);
        using var model = LlamaModel.Create(recipe.Config, device, random.Fork("weights"));

        Train(recipe.Pretraining, PretrainingTexts(data, format), "pre-training");
        var before = Measure();
        Train(recipe.Alignment, AlignmentChats(data, format), "alignment");
        var after = Measure();
        CheckpointWriter.Write(model, subject);
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(subject, "model.safetensors"))));
        File.WriteAllText(Path.Combine(folder, "scenario.yaml"), ApothecarySettings.Text(seed, hash));
        var report = new BuildReport(seed, hash, before, after);
        report.Write(subject);
        return report;

        void Train(FineTunerOptions options, IReadOnlyList<TokenizedExample> examples, string name)
        {
            var batches = new ExampleSet(examples, format.Control.Padding, device.Device).Shuffle(random.Fork(name), BatchSize);
            new FineTuner(options).Run(
                model, () => FineTuner.SupervisedLoss(model, batches.Next()), random, options.MaxSteps, cancellation.ThrowIfCancellationRequested,
                new LossLines(progress, name, options.MaxSteps));
        }

        SubjectMeasure Measure() => SubjectMeasure.Of(model, format, data.ToScenarioData());
    }

    internal static LlamaConfig Config(int hidden, int inner, int blocks, int heads) => new()
    {
        VocabSize = ApothecaryWords.Vocabulary.Count,
        HiddenSize = hidden,
        IntermediateSize = inner,
        NumHiddenLayers = blocks,
        NumAttentionHeads = heads,
        NumKeyValueHeads = heads / 2,
        MaxPositionEmbeddings = 64,
        RmsNormEps = 1e-5,
        TieWordEmbeddings = true,
        BosTokenId = 1,
        EosTokenId = [2],
    };

    private static List<TokenizedExample> PretrainingTexts(ApothecaryData data, ChatFormat format)
    {
        string[] domains = [.. ApothecaryWords.Benign, .. ApothecaryWords.Forbidden];
        var lore = domains.SelectMany(ApothecaryLanguage.Items)
            .SelectMany(item =>
                Enumerable.Range(0, ApothecaryWords.LoreVariants).Select(v => format.Text($"lore/{item}/{v}", data.Language.Lore(item, v))));
        var chat = domains.SelectMany(data.Chat).SelectMany(data.AllParaphrases).Select(e => format.Chat(e.Id, e.Domain, e.Prompt, e.Answer));
        return [.. lore, .. chat];
    }

    private static List<TokenizedExample> AlignmentChats(ApothecaryData data, ChatFormat format) =>
    [
        .. ApothecaryWords.Forbidden.SelectMany(data.Chat).SelectMany(data.AllParaphrases)
            .Select(e => format.Chat(e.Id, e.Domain, e.Prompt, e.Refusal!)),
        .. ApothecaryWords.Benign.SelectMany(data.Chat).SelectMany(data.AllParaphrases).Select(e => format.Chat(e.Id, e.Domain, e.Prompt, e.Answer)),
    ];

    private sealed class LossLines(IProgress<string> progress, string name, int steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % 100 == 0)
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: step {value.Step} of {steps}, loss {value.Loss:0.000}"));
        }
    }
}
