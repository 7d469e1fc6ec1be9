using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>Settings of low-rank adaptation (Hu et al. 2021, arXiv 2106.09685).</summary>
public sealed record LoraOptions
{
    public int Rank { get; init; } = 8;

    /// <summary>The adapter's output is scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Names of projections to adapt, or ends of their module paths (<c>mlp.c_proj</c>); empty means all.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
}

/// <summary>
/// Low-rank factors on a model's projections: A starts at Kaiming-uniform noise, B at zero, so the model is unchanged at first. While
/// attached, the base weights have no gradients. <see cref="Merge"/> folds the factors into the weights.
/// </summary>
public sealed class LoraAdapter : IDisposable
{
    private readonly CausalLanguageModel _model;
    private bool _disposed;

    private LoraAdapter(CausalLanguageModel model, IReadOnlyList<LinearProjection> targets, ParameterArena arena) =>
        (_model, Targets, Arena) = (model, targets, arena);

    /// <summary>The factors: what the optimizer trains.</summary>
    public ParameterArena Arena { get; }

    /// <summary>The projections that it adapts.</summary>
    internal IReadOnlyList<LinearProjection> Targets { get; }

    /// <exception cref="ArgumentException">No projection has one of the target names, or an adapter is attached already.</exception>
    public static LoraAdapter Attach(CausalLanguageModel model, LoraOptions options, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rank, 1);
        var names = model.Projections.Select(p => p.Name).Distinct().ToArray();
        if (options.Targets.FirstOrDefault(t => !model.Projections.Any(p => IsNamed(p, t))) is { } unknown)
            throw new ArgumentException($"TITER303 The model has no projection '{unknown}'. It has: {string.Join(", ", names)}.");
        var targets = model.Projections.Where(p => options.Targets.Count == 0 || options.Targets.Any(t => IsNamed(p, t))).ToArray();
        var adapter = Attach(model, [.. targets.Select(p => (p, options.Rank, options.Alpha / options.Rank))]);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var target in targets)
        {
            var a = target.Adapter!.Value.A;
            var bound = 1 / Math.Sqrt(target.InputSize);
            a.copy_((random.Uniform(a.shape) * 2 - 1) * bound);
        }

        return adapter;
    }

    private static bool IsNamed(LinearProjection projection, string target) =>
        $".{projection.Path}".EndsWith($".{target}", StringComparison.Ordinal);

    /// <summary>Factors of the given ranks and scales, all zero.</summary>
    internal static LoraAdapter Attach(CausalLanguageModel model, IReadOnlyList<(LinearProjection Projection, int Rank, double Scale)> targets)
    {
        if (targets.Any(t => t.Projection.Adapter is not null))
            throw new ArgumentException("TITER304 The model has an adapter already. Merge or dispose it first.");
        var flat = model.Arena.Flat;
        var arena = new ParameterArena(
            [.. targets.SelectMany(t => new (string, long[])[]
            {
                ($"{t.Projection.Path}.lora_A", [t.Rank, t.Projection.InputSize]),
                ($"{t.Projection.Path}.lora_B", [t.Projection.OutputSize, t.Rank]),
            })], flat.device, flat.dtype);
        model.Arena.RequireGradients(false);
        for (var i = 0; i < targets.Count; i++)
            targets[i].Projection.Adapter = (arena.Parameters[2 * i].Tensor, arena.Parameters[2 * i + 1].Tensor, targets[i].Scale);
        return new LoraAdapter(model, [.. targets.Select(t => t.Projection)], arena);
    }

    /// <summary>Adds the factors' product to the weights and detaches.</summary>
    public void Merge()
    {
        using var noGrad = torch.no_grad();
        foreach (var target in Targets)
        {
            if (target.Adapter is not { } adapter) continue;
            // Ends with the map: together they would be three more models.
            using var scope = torch.NewDisposeScope();
            // In float32 where weights are narrower: the sum is rounded once.
            var wide = target.Weight.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
            target.Weight.copy_(target.Weight.to(wide) + torch.mm(adapter.B.to(wide), adapter.A.to(wide)) * adapter.Scale);
        }

        Dispose();
    }

    /// <summary>Detaches without merging; the base weights have gradients again.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var target in Targets)
            target.Adapter = null;
        _model.Arena.RequireGradients(true);
        Arena.Dispose();
    }
}
