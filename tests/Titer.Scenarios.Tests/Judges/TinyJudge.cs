using System.Text.Json.Nodes;
using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using Titer.Models.Tests.Tokenizers;
using Titer.Scenarios.Judges;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>A judge with random weights and a vocabulary of bytes: what it says of anything is of no interest.</summary>
internal static class TinyJudge
{
    public const string Begin = "<|begin|>";
    public const string End = "<|end|>";
    private const string OwnTemplate =
        "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}verdict: {% endif %}";

    /// <summary>A text to ask with, for a profile that needs one.</summary>
    public static string Template(string folder, JudgeProfile profile)
    {
        var file = Path.Combine(folder, "template.txt");
        File.WriteAllText(file, $"Q: {{{profile.Slots.Question}}} A: {{{profile.Slots.Answer}}} V:");
        return file;
    }

    /// <returns>The folder of the checkpoint.</returns>
    /// <param name="parent">It is made in there.</param>
    /// <param name="type">Of the architecture.</param>
    /// <param name="withTemplate">It ships a chat template.</param>
    public static string Write(string parent, string type, bool withTemplate, ulong seed = 1)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, "judge")).FullName;
        string[] bytes = [.. Enumerable.Range(0, 256).Select(b => NaiveBytePairs.Letter((byte)b))];
        var device = DeviceSelection.Open("cpu");
        using var random = new SeededRandom(seed, device.Device);
        using var model = LlamaModel.Create(new LlamaConfig
        {
            ModelType = type, VocabSize = 258, HiddenSize = 16, IntermediateSize = 24, NumHiddenLayers = 2, NumAttentionHeads = 4,
            NumKeyValueHeads = 2, MaxPositionEmbeddings = 200, InitializerRange = 0.5,
        }, device, random);
        CheckpointWriter.Write(model, folder);
        var tokenizer = TokenizerFolder.Json(bytes, [], null, TokenizerFolder.ByteLevelStep(gpt2: true), """{"type":"ByteLevel"}""", [Begin, End]);
        tokenizer["post_processor"] = TokenizerFolder.InFront(Begin);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
        var config = new JsonObject { ["bos_token"] = Begin, ["eos_token"] = End };
        if (withTemplate) config["chat_template"] = OwnTemplate;
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), config.ToJsonString());
        return folder;
    }
}
