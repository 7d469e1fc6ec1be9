using Titer.Sdk.Models;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>A measurer's own model, with the values that a player handed over: no code, no shape and no type of it come along.</summary>
internal sealed class TakenModel(CausalLanguageModel model, string file) : IDisposable
{
    private readonly Dictionary<string, LinearProjection> _projections = model.Projections.ToDictionary(p => p.Path);
    private LoraAdapter? _adapter;
    private IReadOnlyList<HandedFactors> _factors = [];

    /// <returns>What is wrong, for the middle of a sentence; null when the model has the values now.</returns>
    public string? Take(HandOver handOver)
    {
        if (!_factors.SequenceEqual(handOver.Factors))
        {
            _adapter?.Dispose();
            _adapter = null;
            if (handOver.Factors.FirstOrDefault(f => !Fits(f)) is { } unknown)
                return $"the model has no projection '{unknown.Projection}' for factors of rank {unknown.Rank}";
            if (handOver.Factors.DistinctBy(f => f.Projection).Count() != handOver.Factors.Count) return "a projection has two adapters";
            if (handOver.Factors.Count > 0)
                _adapter = LoraAdapter.Attach(model, [.. handOver.Factors.Select(f => (_projections[f.Projection], f.Rank, f.Scale))]);
            _factors = handOver.Factors;
        }

        try
        {
            HandedWeights.Read(file, handOver, model.Arena, _adapter?.Arena);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    public void Dispose() => _adapter?.Dispose();

    private bool Fits(HandedFactors factors) =>
        _projections.TryGetValue(factors.Projection, out var projection) && factors.Rank <= Math.Max(projection.InputSize, projection.OutputSize);
}
