using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Checkpoints;

/// <summary>Attaches LoRA adapters that PEFT saved: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
public static class PeftAdapterReader
{
    internal const string Weights = "adapter_model.safetensors";
    internal const string Prefix = "base_model.model.";
    internal const string A = ".lora_A.weight";
    internal const string B = ".lora_B.weight";

    /// <summary>The adapter, attached: to be trained on, merged or disposed. Which modules it adapts is what the file has tensors for.</summary>
    /// <exception cref="CheckpointException">Not plain LoRA, or not of this model; names the setting or the tensor.</exception>
    /// <exception cref="ArgumentException">The model has an adapter already.</exception>
    public static LoraAdapter Read(CausalLanguageModel model, string folder)
    {
        ArgumentNullException.ThrowIfNull(model);
        var settings = PeftAdapterSettings.In(folder);
        var path = Path.Combine(folder, Weights);
        if (!File.Exists(path))
        {
            throw new CheckpointException(File.Exists(Path.Combine(folder, "adapter_model.bin"))
                ? $"TITER419 {folder} has only adapter_model.bin, a pickle, which can run code when read. Save it again with safe_serialization."
                : $"TITER419 {folder} has no {Weights}. Save the adapter again.");
        }

        using var file = SafetensorsFile.Open(path);
        var factors = Factors(model, file);
        var targets = new List<(LinearProjection, int, double)>();
        foreach (var projection in model.Projections.Where(p => factors.ContainsKey((p.Path, A)) || factors.ContainsKey((p.Path, B))))
        {
            var (rank, scale) = settings.Of(projection.Path);
            Require(projection, A, [rank, projection.InputSize]);
            Require(projection, B, [projection.OutputSize, rank]);
            targets.Add((projection, rank, scale));
        }

        if (targets.Count == 0) throw new CheckpointException($"TITER419 {path} has no factors. Save the adapter again.");
        // All is checked before anything is attached.
        var values = targets.SelectMany(t => new[] { factors[(t.Item1.Path, A)], factors[(t.Item1.Path, B)] })
            .Select(e => (Entry: e, Values: file.ReadSingles(e))).ToList();
        if (values.FirstOrDefault(v => v.Values.Any(x => !float.IsFinite(x))) is { Entry: { } spoiled })
            throw new CheckpointException(
                $"TITER422 {path}: '{spoiled.Name}' has values that are not finite (NaN or infinite). Use an adapter from before that.");
        var adapter = LoraAdapter.Attach(model, targets);
        using var noGrad = torch.no_grad();
        for (var i = 0; i < values.Count; i++)
        {
            using var scope = torch.NewDisposeScope();
            adapter.Arena.Parameters[i].Tensor.copy_(torch.tensor(values[i].Values, values[i].Entry.Shape));
        }

        return adapter;

        void Require(LinearProjection projection, string factor, long[] shape)
        {
            if (!factors.TryGetValue((projection.Path, factor), out var entry))
                throw new CheckpointException($"TITER419 {path} lacks '{Prefix}{projection.Path}{factor}'. Save the adapter again.");
            if (entry.Count == 0)
                throw new CheckpointException(
                    $"TITER419 {path}: '{entry.Name}' is empty (shape [{string.Join(", ", entry.Shape)}]): the adapter was saved under DeepSpeed "
                        + "ZeRO-3 without gathering its weights. Gather them and save the adapter again.");
            if (!entry.Shape.SequenceEqual(shape))
                throw new CheckpointException(
                    $"TITER419 {path}: '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}] where the model "
                        + $"and {PeftAdapterSettings.File} ask for [{string.Join(", ", shape)}]. Is it an adapter of this model?");
        }
    }

    /// <summary>Tensors by module path and factor; every one must belong to a projection of the model.</summary>
    private static Dictionary<(string Module, string Factor), TensorEntry> Factors(CausalLanguageModel model, SafetensorsFile file)
    {
        var modules = model.Projections.Select(p => p.Path).ToHashSet();
        var factors = new Dictionary<(string, string), TensorEntry>();
        foreach (var entry in file.Tensors)
        {
            var factor = entry.Name.EndsWith(A, StringComparison.Ordinal) ? A : entry.Name.EndsWith(B, StringComparison.Ordinal) ? B : null;
            var module =
                factor is not null && entry.Name.StartsWith(Prefix, StringComparison.Ordinal) && entry.Name.Length > Prefix.Length + factor.Length
                ? entry.Name[Prefix.Length..^factor.Length]
                : null;
            if (module is null || !modules.Contains(module))
            {
                throw new CheckpointException(
                    $"TITER419 {file.Path} has the tensor '{entry.Name}', which is no LoRA factor of a projection of this model. It "
                        + $"has {string.Join(", ", model.Projections.Select(p => p.Name).Distinct())}; "
                    + "an adapter of something else (embeddings, a head) must be merged into its base with PEFT's merge_and_unload.");
            }

            factors.Add((module, factor!), entry);
        }

        return factors;
    }
}
