using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Sdk;

/// <summary>
/// The device that a process computes on. Created once per process by the host and injected; a match owns one thread, and with it one
/// memory ledger (TorchSharp's dispose scopes are per thread).
/// </summary>
public sealed class DeviceContext
{
    internal DeviceContext(Device device, ScalarType dataType)
    {
        Device = device;
        DataType = dataType;
    }

    /// <summary>Where tensors live: the CPU, or one CUDA device.</summary>
    public Device Device { get; }

    /// <summary>Type of weights and activations: float32 on the CPU unless asked for otherwise.</summary>
    public ScalarType DataType { get; }

    /// <summary>Tensors created on this thread and neither disposed nor detached from their scope.</summary>
    public static long LiveTensors => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Copies all weights; <see cref="WeightSnapshot.Restore"/> puts them back in place.</summary>
    public static WeightSnapshot Snapshot(CausalLanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new WeightSnapshot(model.Arena);
    }
}
