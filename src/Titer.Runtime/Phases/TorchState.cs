using System.Globalization;
using TorchSharp;

namespace Titer.Runtime.Phases;

/// <summary>
/// Torch's process-wide settings. A plugin that leaves them changed would change how the host evaluates after it, and every other match in
/// an author's process.
/// </summary>
internal sealed record TorchState(torch.ScalarType DefaultDataType, int Threads, string DefaultDevice)
{
    public static TorchState Capture() => new(torch.get_default_dtype(), torch.get_num_threads(), torch.get_default_device().ToString());

    public void Restore()
    {
        if (torch.get_default_dtype() != DefaultDataType) torch.set_default_dtype(DefaultDataType);
        if (torch.get_num_threads() != Threads) torch.set_num_threads(Threads);
        if (torch.get_default_device().ToString() != DefaultDevice) torch.set_default_device(torch.device(DefaultDevice));
    }

    /// <summary>What differs from this state now, in words; null when nothing does.</summary>
    public string? Difference()
    {
        var now = Capture();
        var changes = new List<string>();
        if (now.DefaultDataType != DefaultDataType) changes.Add($"the default dtype to {now.DefaultDataType}");
        if (now.Threads != Threads) changes.Add(string.Create(CultureInfo.InvariantCulture, $"the number of threads to {now.Threads}"));
        if (now.DefaultDevice != DefaultDevice) changes.Add($"the default device to {now.DefaultDevice}");
        return changes.Count == 0 ? null : string.Join(" and ", changes);
    }
}
