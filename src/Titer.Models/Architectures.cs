using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Models.Gpt2;
using Titer.Models.Llama;
using Titer.Sdk.Models;

namespace Titer.Models;

/// <summary>The architectures that there are, by the <c>model_type</c> of a configuration.</summary>
internal static class Architectures
{
    private static readonly IReadOnlyList<string> ModelTypes = [.. LlamaConfigReader.ModelTypes, Gpt2ConfigReader.ModelType];

    /// <exception cref="CheckpointException">Missing, not JSON, or an architecture or setting that is not computed here.</exception>
    public static IArchitecture In(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
            throw new CheckpointException($"TITER415 {folder} has no config.json. Name a checkpoint folder in Hugging Face layout.");
        try
        {
            using var document = JsonDocument.Parse(CheckpointText.Json(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new CheckpointException($"TITER415 {path} holds no JSON object. Download it again.");
            Quantization.Refuse(path, root);
            // Older exports of Llama name no type.
            var type = root.TryGetProperty("model_type", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "llama";
            ConfigSetting.Require(path, "model_type", type, ModelTypes);
            return type == Gpt2ConfigReader.ModelType ? Gpt2ConfigReader.Read(path, root) : LlamaConfigReader.Read(path, root);
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER415 {path} is not a model configuration: {e.Message}", e);
        }
    }

    /// <summary>The configuration that a model was made from.</summary>
    public static IArchitecture Of(CausalLanguageModel model) => model switch
    {
        LlamaModel llama => llama.Config,
        Gpt2Model gpt2 => gpt2.Config,
        _ => throw new ArgumentException($"A {model.GetType().Name} has no checkpoint format.", nameof(model)),
    };
}
