using TorchSharp;
using Titer.Sdk;

namespace Titer.Models.Checkpoints;

/// <summary>
/// Safetensors files as private mappings, copy on write: processes that open the same file share its pages until they change them, what nobody
/// reads is not loaded, and the file itself never changes. A file that somebody else shortens meanwhile ends the process, as any mapped file does.
/// </summary>
internal static class MappedWeights
{
    /// <returns>[count], the layout's scalars one after the other; null unless the file holds just them, in that order and in the device's type, and the device is the CPU.</returns>
    /// <exception cref="CheckpointException">Missing or malformed.</exception>
    public static Tensor? TryOpen(string path, IReadOnlyList<(string Name, long[] Shape)> layout, DeviceContext device)
    {
        if (device.Device.type != DeviceType.CPU) return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Tensors.Count != layout.Count || file.Tensors.Zip(layout).Any(p => p.First.Name != p.Second.Name || !p.First.Shape.SequenceEqual(p.Second.Shape) || TypeOf(p.First) != device.DataType)) return null;
        var width = file.Tensors[0].ByteWidth;
        if (file.DataOffset % width != 0) return null;
        var (skipped, count) = (file.DataOffset / width, file.Tensors.Sum(t => t.Count));
        using var noGrad = torch.no_grad();
        using var whole = torch.from_file(path, shared: false, size: skipped + count, dtype: device.DataType);
        return whole.narrow(0, skipped, count);
    }

    /// <summary>A whole file: uint8 [length].</summary>
    public static Tensor Bytes(string path) => torch.from_file(path, shared: false, size: new FileInfo(path).Length, dtype: ScalarType.Byte);

    /// <summary>One tensor of a file in its own type: a view of the file's bytes, or a copy where the exporter did not align them.</summary>
    public static Tensor Of(TensorEntry entry, SafetensorsFile file, Tensor bytes)
    {
        var at = file.DataOffset + entry.Begin;
        return entry.Type != TensorType.Mask && at % entry.ByteWidth == 0
            ? bytes.narrow(0, at, entry.End - entry.Begin).view(TypeOf(entry)).view(entry.Shape)
            : torch.tensor(file.ReadSingles(entry), entry.Shape);
    }

    private static ScalarType TypeOf(TensorEntry tensor) => tensor.Type switch
    {
        TensorType.F32 => ScalarType.Float32,
        TensorType.F16 => ScalarType.Float16,
        TensorType.BF16 => ScalarType.BFloat16,
        _ => ScalarType.Byte,
    };
}
