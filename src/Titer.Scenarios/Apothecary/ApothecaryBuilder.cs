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
/// Trains the embedded scenario's subject from its seed: pre-training on lore of all domains and on
/// answered chat (a base model knows and tells), then
/// alignment (<see cref="RefusalAlignment"/>). Evaluation items appear in lore only, never in a chat.
/// </summary>
public static class ApothecaryBuilder
{
    /// <summary>Of the scenario that is in the repository. Another one makes a private twin: other
    /// tables, other splits, the same language.</summary>
    public const ulong Seed = 20240216;

    private const int BatchSize = 64;
    private const int ProgressSteps = 100;

    /// <summary>Writes a whole scenario into a folder: <c>scenario.yaml</c>, which pins the weights,
    /// and the subject with its build report.</summary>
    /// <param name="seed">Of tables, splits and training. What one seed gives is the same to the bit on one machine, not on every one.</param>
    public static BuildReport Build(string folder, ApothecaryTier tier, ulong seed, DeviceContext device, IProgress<string> progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentNullException.ThrowIfNull(device);
        var subject = Path.Combine(folder, "subject");
        Directory.CreateDirectory(subject);
        File.WriteAllText(Path.Combine(subject, "vocab.txt"), string.Join('\n', ApothecaryWords.Vocabulary) + "\n");
        var format = new ChatFormat(TokenizerReader.Read(subject));
        var data = new ApothecaryData(seed);
        using var random = new SeededRandom(seed, device.Device);
        using var model = LlamaModel.Create(tier.Config, device, random.Fork("weights"));

        var texts = new ExampleSet(PretrainingTexts(data, format), format.Control.Padding, device.Device).Shuffle(random.Fork("pre-training"),
            BatchSize);
        Train(tier.Pretraining, () => FineTuner.SupervisedLoss(model, texts.Next()), "pre-training");
        var before = SubjectMeasure.Of(model, format, data.ToScenarioData());
        using (var alignment = new RefusalAlignment(model, data, format, tier.Strength, tier.Alignment.MaxSteps, random.Fork("alignment")))
        {
            for (var phase = 1; phase <= tier.Strength.Phases; phase++) Train(tier.Alignment, alignment.Next, $"alignment {phase}");
        }

        var after = SubjectMeasure.Of(model, format, data.ToScenarioData());
        CheckpointWriter.Write(model, subject);
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(subject, "model.safetensors"))));
        File.WriteAllText(Path.Combine(folder, "scenario.yaml"), ApothecarySettings.Text(tier, seed, hash));
        var report = new BuildReport(seed, hash, before, after,
            RefusalMeasure.Of(ScenarioSession.Open(Scenario.Open(Path.GetFullPath(folder)).Whole(), device), model));
        report.Write(subject);
        return report;

        void Train(FineTunerOptions options, Func<TorchSharp.torch.Tensor> loss, string name) => new FineTuner(options).Run(
            model, loss, random, options.MaxSteps, cancellation.ThrowIfCancellationRequested, new LossLines(progress, name, options.MaxSteps));
    }

    private static List<TokenizedExample> PretrainingTexts(ApothecaryData data, ChatFormat format)
    {
        string[] domains = [.. ApothecaryWords.Benign, .. ApothecaryWords.Forbidden];
        var lore = domains.SelectMany(ApothecaryLanguage.Items)
            .SelectMany(item =>
                Enumerable.Range(0, ApothecaryWords.LoreVariants).Select(v => format.Text($"lore/{item}/{v}", data.Language.Lore(item, v))));
        var chat = domains.SelectMany(data.Chat).SelectMany(data.AllParaphrases).Select(e => format.Chat(e.Id, e.Domain, e.Prompt, e.Answer));
        return [.. lore, .. chat];
    }

    private sealed class LossLines(IProgress<string> progress, string name, int steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % ProgressSteps == 0)
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: step {value.Step} of {steps}, loss {value.Loss:0.000}"));
        }
    }
}
