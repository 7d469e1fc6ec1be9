using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Memory;
using Titer.Sdk;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Llama;

/// <summary>
/// A Llama body with a head that labels a whole text, as <c>LlamaForSequenceClassification</c> saves it: no output embedding, and
/// <c>score.weight</c> [labels, hidden] on the normed hidden state of the last token.
/// </summary>
public sealed class LlamaClassifier : IDisposable
{
    private const string HeadName = "score.weight";

    private readonly CausalLanguageModel _body;
    private readonly Tensor _head;

    private LlamaClassifier(CausalLanguageModel body, Tensor head) => (_body, _head) = (body, head);

    public int Labels => (int)_head.shape[0];

    public int MaxLength => _body.Shape.MaxLength;

    /// <exception cref="CheckpointException">Not a Llama, no head, a head with a bias, or malformed files.</exception>
    public static LlamaClassifier Read(string folder, DeviceContext device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (Architectures.In(folder) is not LlamaConfig config)
            throw new CheckpointException($"TITER433 {folder} is no Llama: heads that label a text are read on Llama bodies only.");
        Tensor? head = null;
        foreach (var path in CheckpointFiles.In(folder))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var entry in file.Tensors.Where(t => t.Name == HeadName))
            {
                if (entry.Shape is not [_, var width] || width != config.HiddenSize || !entry.IsWeight)
                    throw new CheckpointException($"TITER433 {path}: '{HeadName}' has shape [{string.Join(", ", entry.Shape)}], and the body is "
                        + $"{config.HiddenSize} wide. Download the checkpoint again.");
                head = torch.tensor(file.ReadSingles(entry), entry.Shape).to(device.DataType).to(device.Device);
            }
        }

        return head is null
            ? throw new CheckpointException(
                $"TITER433 {folder} has no '{HeadName}': it is no checkpoint that labels texts. Convert one with a head to safetensors, or take a "
                    + "judge that answers in words.")
            : new LlamaClassifier(CheckpointReader.Read(new Body(config with { TieWordEmbeddings = true }), folder, device), head);
    }

    /// <summary>Logit of each label of each text.</summary>
    /// <param name="texts">Token ids, none empty.</param>
    /// <returns>[text][label].</returns>
    public double[][] Logits(IReadOnlyList<int[]> texts, int padId, int batchSize = 8)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return LastTokens.Read(texts, padId, batchSize, _head.device, (ids, last) =>
            torch.nn.functional.linear(_body.FinalNorm(_body.BlocksAt(ids, last, cache: null)), _head).to(ScalarType.Float32));
    }

    public void Dispose()
    {
        _body.Dispose();
        _head.Dispose();
    }

    /// <summary>The body alone: its head is none of its tensors.</summary>
    private sealed record Body(LlamaConfig Config) : IArchitecture
    {
        private IArchitecture Inner => Config;

        public ModelShape ToShape() => Inner.ToShape();

        public ModelDimensions Dimensions() => Inner.Dimensions();

        public IReadOnlyList<(string Name, long[] Shape)> Layout() => Inner.Layout();

        public CausalLanguageModel Open(DeviceContext device, Tensor? weights = null) => Inner.Open(device, weights);

        public string? Canonical(string tensor) => tensor == HeadName ? null : Inner.Canonical(tensor);

        public IReadOnlyList<(string Key, string Value)> Function() => Inner.Function();

        public byte[] ToJson() => Inner.ToJson();
    }
}
