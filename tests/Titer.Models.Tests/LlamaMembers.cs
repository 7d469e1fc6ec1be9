using Titer.Models.Llama;

namespace Titer.Models.Tests;

/// <summary>A small configuration of every member of the family.</summary>
internal static class LlamaMembers
{
    public static readonly string[] Names =
        ["llama2", "llama3", "mistral", "qwen2", "qwen3", "smollm2", "linear", "gemma2", "gemma3", "phi3", "phi4-mini", "olmo2"];

    public static readonly RopeSettings Llama3 =
        new() { RopeType = "llama3", Factor = 8, LowFreqFactor = 1, HighFreqFactor = 4, OriginalMaxPositionEmbeddings = 8192, RopeTheta = 500000 };

    public static LlamaConfig ConfigOf(string member) => member switch
    {
        "llama3" => Tiny.Config with { RopeScaling = Llama3, TieWordEmbeddings = false, EosTokenId = [1, 2] },
        "linear" => Tiny.Config with { RopeScaling = new RopeSettings { Type = "linear", Factor = 2 } },
        "mistral" => Tiny.Config with { ModelType = "mistral", SlidingWindow = 5, TieWordEmbeddings = false },
        "qwen2" => Tiny.Config with { ModelType = "qwen2", UseSlidingWindow = false, SlidingWindow = 4, MaxWindowLayers = 1 },
        "qwen3" => Tiny.Config with { ModelType = "qwen3", HeadDim = 8, TieWordEmbeddings = false },
        "gemma2" => Gemma("gemma2") with { AttnLogitSoftcapping = 5, FinalLogitSoftcapping = 8, SlidingWindow = 4 },
        "gemma3" => Gemma("gemma3_text") with { SlidingWindow = 4, SlidingWindowPattern = 2, RopeTheta = 1e6, RopeLocalBaseFreq = 100 },
        "phi3" => Tiny.Config with { ModelType = "phi3", SlidingWindow = 5, TieWordEmbeddings = false },
        "phi4-mini" => Tiny.Config with
        {
            ModelType = "phi3", HeadDim = 8, PartialRotaryFactor = 0.5, OriginalMaxPositionEmbeddings = 30,
            RopeScaling = new RopeSettings { RopeType = "longrope", ShortFactor = [1, 2], LongFactor = [3, 9] },
        },
        "olmo2" => Tiny.Config with { ModelType = "olmo2", TieWordEmbeddings = false },
        "smollm2" => Tiny.Config with { RopeTheta = 130000, NumKeyValueHeads = 2 },
        _ => Tiny.Config with { NumKeyValueHeads = null, TieWordEmbeddings = false, EosTokenId = [2] },
    };

    private static LlamaConfig Gemma(string type) =>
        Tiny.Config with { ModelType = type, HeadDim = 8, QueryPreAttnScalar = 12, HiddenActivation = "gelu_pytorch_tanh" };
}
