using System.Runtime.InteropServices;
using Titer.Runtime.Phases;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Runtime.Conformance;

/// <summary>A model and torch's process-wide state before a plugin ran; compares, and puts the process-wide part back.</summary>
internal sealed class TrialState : IDisposable
{
    private readonly TorchState _globals = TorchState.Capture();
    private readonly torch.Tensor _generator = torch.get_rng_state();
    private readonly float[] _weights;
    private readonly (string Name, string Layout)[] _layout;

    private TrialState(CausalLanguageModel model) => (_weights, _layout) = (Weights(model), Layout(model));

    public static TrialState Capture(CausalLanguageModel model) => new(model);

    public TrialOutcome Compare(CausalLanguageModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var globals = _globals.Difference();
        _globals.Restore();
        var change = LayoutChange(model);
        // A disposed tensor has no values to compare.
        var after = change is null ? Weights(model) : [];
        return new TrialOutcome
        {
            Before = _weights,
            After = after,
            WeightsChanged = change is null && !SameBits(_weights, after),
            LayoutChange = change,
            NotFinite = change is null ? model.Parameters.FirstOrDefault(p => !p.Tensor.isfinite().all().item<bool>())?.Name : null,
            GlobalsChange = globals,
            GlobalGeneratorMoved = !torch.get_rng_state().eq(_generator).all().item<bool>(),
        };
    }

    /// <summary>Equal to the last bit; NaN equals itself.</summary>
    public static bool SameBits(IReadOnlyList<float> left, IReadOnlyList<float> right) =>
        MemoryMarshal.AsBytes<float>((float[])left).SequenceEqual(MemoryMarshal.AsBytes<float>((float[])right));

    public void Dispose()
    {
        torch.set_rng_state(_generator);
        _globals.Restore();
        _generator.Dispose();
    }

    private string? LayoutChange(CausalLanguageModel model)
    {
        if (model.Arena.Flat.IsInvalid) return "its weights were disposed (an in-place operation returns the tensor itself: do not dispose that)";
        if (model.Parameters.FirstOrDefault(p => p.Tensor.IsInvalid) is { } disposed) return $"{disposed.Name} was disposed";
        if (model.Projections.FirstOrDefault(p => p.Adapter is not null) is { } adapted)
            return $"{adapted.Name} of block {adapted.Block} still has a LoRA adapter";
        var now = Layout(model);
        if (now.Length != _layout.Length) return $"{_layout.Length} parameters became {now.Length}";
        var (before, after) = _layout.Zip(now).FirstOrDefault(p => p.First != p.Second);
        return before.Name is null ? null : $"{before.Name} was {before.Layout} and is {after.Layout}";
    }

    private static float[] Weights(CausalLanguageModel model) => model.Arena.Flat.data<float>().ToArray();

    private static (string Name, string Layout)[] Layout(CausalLanguageModel model) =>
        [.. model.Parameters.Select(p => (p.Name, $"{p.Tensor.dtype} [{string.Join(", ", p.Tensor.shape)}]"))];
}
