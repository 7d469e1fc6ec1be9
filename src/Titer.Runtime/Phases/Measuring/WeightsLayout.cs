using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>Names, shapes and type of a model's weights before a plugin had it. A plugin changes values only.</summary>
internal sealed class WeightsLayout
{
    private readonly (string Name, long[] Shape)[] _tensors;
    private readonly torch.ScalarType _type;

    private WeightsLayout(CausalLanguageModel model) =>
        (_tensors, _type) = ([.. model.Parameters.Select(p => (p.Name, p.Tensor.shape))], model.Arena.Flat.dtype);

    public static WeightsLayout Of(CausalLanguageModel model) => new(model);

    /// <returns>A sentence on the first tensor that differs; null when none does.</returns>
    public string? Difference(CausalLanguageModel model)
    {
        foreach (var ((name, shape), parameter) in _tensors.Zip(model.Parameters))
        {
            if (!parameter.Tensor.shape.SequenceEqual(shape))
                return $"'{name}' has shape [{string.Join(", ", parameter.Tensor.shape)}], the subject's has [{string.Join(", ", shape)}].";
            if (parameter.Tensor.dtype != _type)
                return $"'{name}' is of type {parameter.Tensor.dtype}, where the model computes in {_type}.";
        }

        return _tensors.Length == model.Parameters.Count ? null : "The model has lost parameters.";
    }
}
