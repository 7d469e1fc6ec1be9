using Titer.Sdk;
using TorchSharp;

namespace Titer.Models.Checkpoints;

/// <summary>
/// Safetensors files as private mappings, copy on write: processes that open the same file share its pages until they change them, what nobody
/// reads is not loaded, and the file itself never changes. A file that somebody else shortens meanwhile ends the process, as any mapped file does.
/// </summary>
internal static class MappedWeights
{
    /// <returns>[count], the layout's scalars one after the other; null unless the file holds just them, in that order
    /// and in the device's type, and the device is the CPU.</returns>
    /// <exception cref="CheckpointException">Missing or malformed.</exception>
    public static Tensor? TryOpen(string path, IReadOnlyList<(string Name, long[] Shape)> layout, DeviceContext device)
    {
        if (device.Device.type != DeviceType.CPU) return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Tensors.Count != layout.Count
            || file.Tensors.Zip(layout).Any(p => p.First.Name != p.Second.Name || !p.First.Shape.SequenceEqual(p.Second.Shape)
                || TypeOf(p.First) != device.DataType)) return null;
        using var noGrad = torch.no_grad();
        return Map(file, file.Tensors[0], file.Tensors.Sum(t => t.Count));
    }

    /// <summary>One tensor of a file in its own type: a view of the file, or a copy where the exporter did not align it.</summary>
    /// <exception cref="CheckpointException">The tensor is no weight.</exception>
    public static Tensor Of(SafetensorsFile file, TensorEntry entry) =>
        (!entry.IsWeight ? null : Map(file, entry, entry.Count)?.view(entry.Shape)) ?? torch.tensor(file.ReadSingles(entry), entry.Shape);

    /// <summary>So many scalars from the beginning of a tensor on; null where they are not aligned.</summary>
    private static Tensor? Map(SafetensorsFile file, TensorEntry first, long count)
    {
        var at = file.DataOffset + first.Begin;
        if (at % first.ByteWidth != 0) return null;
        var skipped = at / first.ByteWidth;
        using var whole = torch.from_file(file.Path, shared: false, size: skipped + count, dtype: TypeOf(first));
        return whole.narrow(0, skipped, count);
    }

    private static ScalarType TypeOf(TensorEntry tensor) => tensor.Type switch
    {
        TensorType.F32 => ScalarType.Float32,
        TensorType.F16 => ScalarType.Float16,
        TensorType.BF16 => ScalarType.BFloat16,
        _ => ScalarType.Byte,
    };
}
