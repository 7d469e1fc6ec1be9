using TorchSharp;

namespace Titer.Sdk.Models;

/// <summary>
/// Parameters as views into one flat tensor, and their gradients as views into another. An optimizer step is a few operations over one
/// tensor, a gradient norm is one, a snapshot is one copy. Autograd accumulates into the gradient views in place.
/// </summary>
public sealed class ParameterArena : IDisposable
{
    private readonly List<Tensor> _gradients = [];

    internal ParameterArena(IReadOnlyList<(string Name, long[] Shape)> layout, Device device, ScalarType dataType)
        : this(layout, torch.zeros(Size(layout), dtype: dataType, device: device))
    {
    }

    private ParameterArena(IReadOnlyList<(string Name, long[] Shape)> layout, Tensor flat)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        Count = Size(layout);
        Flat = flat.DetachFromDisposeScope();
        var (dataType, device) = (flat.dtype, flat.device);
        FlatGradient = torch.zeros(Count, dtype: dataType, device: device).DetachFromDisposeScope();
        var parameters = new List<NamedParameter>(layout.Count);
        var offset = 0L;
        foreach (var (name, shape) in layout)
        {
            var size = shape.Aggregate(1L, (a, b) => a * b);
            var view = Flat.narrow(0, offset, size).view(shape).detach().requires_grad_(true).DetachFromDisposeScope();
            var gradient = FlatGradient.narrow(0, offset, size).view(shape).DetachFromDisposeScope();
            view.grad = gradient;
            _gradients.Add(gradient);
            parameters.Add(new NamedParameter(name, view));
            offset += size;
        }

        Parameters = parameters;
    }

    /// <summary>Over weights [count] that are there already, in the layout's order and taken over; without them, over zeros.</summary>
    internal static ParameterArena Of(IReadOnlyList<(string Name, long[] Shape)> layout, DeviceContext device, Tensor? weights) =>
        weights is null ? new ParameterArena(layout, device.Device, device.DataType) : new ParameterArena(layout, weights);

    private static long Size(IReadOnlyList<(string Name, long[] Shape)> layout) => layout.Sum(p => p.Shape.Aggregate(1L, (a, b) => a * b));

    /// <summary>Number of scalars.</summary>
    public long Count { get; }

    /// <summary>All parameters, one after the other: [count].</summary>
    public Tensor Flat { get; }

    /// <summary>All gradients in the same order: [count].</summary>
    public Tensor FlatGradient { get; }

    public IReadOnlyList<NamedParameter> Parameters { get; }

    /// <summary>The parameter of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] =>
        Parameters.FirstOrDefault(p => p.Name == name)?.Tensor ?? throw new KeyNotFoundException($"The model has no parameter '{name}'.");

    public void ZeroGradients()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        FlatGradient.zero_();
    }

    /// <summary>Euclidean norm of all gradients.</summary>
    public double GradientNorm()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return FlatGradient.norm().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Scales gradients down to a norm of at most <paramref name="maximum"/>; returns the norm before.</summary>
    public double ClipGradientNorm(double maximum)
    {
        var norm = GradientNorm();
        if (norm > maximum)
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            FlatGradient.mul_(maximum / (norm + 1e-6));
        }

        return norm;
    }

    /// <summary>Whether every parameter is equal to the other arena's; of the same layout.</summary>
    internal bool HasSameValues(ParameterArena other)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return Flat.eq(other.Flat).all().item<bool>();
    }

    /// <summary>Turns gradients of all parameters on or off.</summary>
    internal void RequireGradients(bool on)
    {
        foreach (var parameter in Parameters)
            parameter.Tensor.requires_grad = on;
    }

    public void Dispose()
    {
        foreach (var parameter in Parameters) parameter.Tensor.Dispose();
        foreach (var gradient in _gradients) gradient.Dispose();

        FlatGradient.Dispose();
        Flat.Dispose();
    }
}
