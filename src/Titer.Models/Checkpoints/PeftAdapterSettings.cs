using System.Text.Json;
using System.Text.RegularExpressions;

namespace Titer.Models.Checkpoints;

/// <summary>Reads <c>adapter_config.json</c>, refuses what is not plain LoRA, and says the rank and the scale of a module.</summary>
internal sealed class PeftAdapterSettings
{
    public const string File = "adapter_config.json";

    /// <summary>Schemes that only choose where the factors start. Others (PiSSA, OLoRA, CorDA, LoftQ) change the base weights as well.</summary>
    private static readonly string[] PlainStarts = ["gaussian", "eva", "orthogonal", "lora_ga"];
    private readonly string _path;
    private readonly PeftAdapterConfig _config;

    private PeftAdapterSettings(string path, PeftAdapterConfig config) => (_path, _config) = (path, config);

    /// <exception cref="CheckpointException">Missing, malformed, or not plain LoRA of a causal language model.</exception>
    public static PeftAdapterSettings In(string folder)
    {
        var path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
            throw new CheckpointException($"TITER419 {folder} has no {File}. Name a folder that PEFT's save_pretrained wrote.");
        try
        {
            var config = JsonSerializer.Deserialize(CheckpointText.Json(path), PeftAdapterJson.Default.PeftAdapterConfig)
                ?? throw new CheckpointException($"TITER419 {path} holds null. Save the adapter again.");
            Check(path, config);
            return new PeftAdapterSettings(path, config);
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"TITER419 {path} is not an adapter configuration: {e.Message} Save the adapter again.", e);
        }
    }

    /// <param name="module">Full path of the module, without PEFT's prefix.</param>
    /// <exception cref="CheckpointException">A pattern is not a regular expression that is matched here.</exception>
    public (int Rank, double Scale) Of(string module)
    {
        var rank = Pattern("rank_pattern", _config.RankPattern, module, _config.R);
        var alpha = Pattern("alpha_pattern", _config.AlphaPattern, module, _config.LoraAlpha);
        return (rank, alpha / (_config.UseRslora ? Math.Sqrt(rank) : rank));
    }

    private static void Check(string path, PeftAdapterConfig config)
    {
        const string Merge = "Merge the adapter into its base with PEFT's merge_and_unload and name the merged checkpoint";
        Require("peft_type", config.PeftType, config.PeftType == "LORA", Merge);
        Require("task_type", config.TaskType, config.TaskType is null or "CAUSAL_LM", "Train the adapter on a causal language model");
        Require("use_dora", "true", !config.UseDora, Merge);
        Require("use_qalora", "true", !config.UseQalora, Merge);
        Require("bias", config.Bias, config.Bias == "none", Merge);
        Require("lora_bias", "true", !config.LoraBias, Merge);
        foreach (var (key, value) in new[]
        {
            ("modules_to_save", config.ModulesToSave), ("target_parameters", config.TargetParameters),
            ("trainable_token_indices", config.TrainableTokenIndices),
            ("layer_replication", config.LayerReplication), ("alora_invocation_tokens", config.AloraInvocationTokens),
        })
        {
            Require(key, value?.GetRawText(), IsNothing(value), Merge);
        }

        var start = config.InitLoraWeights is { ValueKind: JsonValueKind.String } named ? named.GetString()! : null;
        Require("init_lora_weights", start, start is null || PlainStarts.Contains(start),
            "It changes the base weights too. Convert it with PEFT's path_initial_model_for_weight_conversion");
        if (config.R < 1 || !double.IsFinite(config.LoraAlpha) || config.RankPattern?.Values.Any(r => r < 1) == true)
            throw new CheckpointException($"TITER419 {path}: a rank is under 1. Save the adapter again.");

        void Require(string key, string? value, bool isKnown, string fix)
        {
            if (!isKnown)
                throw new CheckpointException($"TITER419 {path}: {key} '{value}' is not supported; plain LoRA of attention and MLP is. {fix}.");
        }
    }

    private static bool IsNothing(JsonElement? value) => value is not { } some || some.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => some.GetArrayLength() == 0,
        JsonValueKind.Object => !some.EnumerateObject().Any(),
        _ => false,
    };

    /// <summary>The first pattern that is the end of the path, as PEFT matches them. Such an expression
    /// takes linear time, whatever the file says.</summary>
    private T Pattern<T>(string key, IReadOnlyDictionary<string, T>? patterns, string module, T otherwise)
    {
        foreach (var (pattern, value) in patterns ?? new Dictionary<string, T>())
        {
            try
            {
                if (Regex.IsMatch(module, $@"^(.*\.)?({pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)) return value;
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                throw new CheckpointException(
                    $"TITER419 {_path}: {key} '{pattern}' is not an expression that is matched here: {e.Message} Name modules by the end of "
                        + "their path.", e);
            }
        }

        return otherwise;
    }
}
