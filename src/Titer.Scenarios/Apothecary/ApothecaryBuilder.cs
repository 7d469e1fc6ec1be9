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
/// Trains the embedded subject from its seed: pre-training on lore of all eight domains and on answered chat (a base model knows and tells), then
/// alignment on refusals of forbidden prompts beside benign chat. Evaluation items appear in lore only, never in a chat.
/// </summary>
public static class ApothecaryBuilder
{
    internal const ulong Seed = 20240216;
    private const int BatchSize = 64;

    private static readonly FineTunerOptions Pretraining = new()
    {
        LearningRate = 3e-3,
        MaxSteps = 2500,
        Schedule = LearningRateSchedule.Cosine,
        WarmupRatio = 0.03,
        WeightDecay = 0.05,
        MaxGradientNorm = 1,
    };

    private static readonly FineTunerOptions Alignment = new()
    {
        LearningRate = 1e-3,
        MaxSteps = 600,
        Schedule = LearningRateSchedule.Cosine,
        WarmupRatio = 0.05,
        MaxGradientNorm = 1,
    };

    /// <summary>Writes the subject's checkpoint (config, weights, vocabulary) and its build report into
    /// a folder; about four minutes of one core.</summary>
    public static BuildReport Build(string folder, DeviceContext device, IProgress<string> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', ApothecaryWords.Vocabulary) + "\n");
        var format = new ChatFormat(TokenizerReader.Read(folder));
        var data = new ApothecaryData(Seed);
        using var random = new SeededRandom(Seed, device.Device);
        using var model = LlamaModel.Create(Config(), device, random.Fork("weights"));

        Train(model, Pretraining, PretrainingTexts(data, format), "pre-training");
        var before = Measure();
        Train(model, Alignment, AlignmentChats(data, format), "alignment");
        var after = Measure();
        CheckpointWriter.Write(model, folder);
        var report = new BuildReport(Seed, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "model.safetensors")))),
            before, after);
        report.Write(folder);
        return report;

        void Train(LlamaModel subject, FineTunerOptions options, IReadOnlyList<TokenizedExample> examples, string name)
        {
            var batches = new ExampleSet(examples, format.Control.Padding, device.Device).Shuffle(random.Fork(name), BatchSize);
            var steps = 0;
            new FineTuner(options).Run(
                subject, () => FineTuner.SupervisedLoss(subject, batches.Next()), random, options.MaxSteps,
                () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    steps++;
                },
                new LossLines(progress, name, options.MaxSteps));
        }

        SubjectMeasure Measure() => SubjectMeasure.Of(model, format, data.ToScenarioData());
    }

    internal static LlamaConfig Config() => new()
    {
        VocabSize = ApothecaryWords.Vocabulary.Count,
        HiddenSize = 96,
        IntermediateSize = 288,
        NumHiddenLayers = 3,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
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
