using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Checkpoints;

/// <summary>
/// Writes named tensors in the safetensors format, in the given order, without gaps. Data begin at a
/// multiple of 64 bytes, so that a file can be mapped
/// and its tensors used where they lie.
/// </summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 64;

    /// <param name="typeOf">The data type to write a tensor in; null means its own.</param>
    public static void Write(string path, IReadOnlyList<NamedParameter> tensors, Func<string, TensorType?>? typeOf = null)
    {
        using var noGrad = torch.no_grad();
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var at = 0L;
            foreach (var (name, tensor) in tensors)
            {
                var type = typeOf?.Invoke(name) ?? Type(tensor.dtype);
                var bytes = tensor.numel() * (type == TensorType.F32 ? 4 : 2);
                json.WriteStartObject(name);
                json.WriteString("dtype", type.ToString());
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces are valid JSON.
        while ((sizeof(ulong) + buffer.Length) % Alignment != 0) buffer.WriteByte((byte)' ');
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)buffer.Length);
        file.Write(prefix);
        buffer.WriteTo(file);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = torch.NewDisposeScope();
            // A conversion to 16 bits rounds to nearest even; what is too large becomes infinite, which WeightsCheck finds.
            file.Write(tensor.detach().to(Type(typeOf?.Invoke(name) ?? Type(tensor.dtype))).cpu().contiguous().bytes);
        }

        file.Flush(flushToDisk: true);
    }

    private static ScalarType Type(TensorType type) => type switch
    {
        TensorType.F32 => ScalarType.Float32,
        TensorType.F16 => ScalarType.Float16,
        TensorType.BF16 => ScalarType.BFloat16,
        _ => throw new CheckpointException("TITER412 One-byte values are no weights. Use float32, float16 or bfloat16."),
    };

    private static TensorType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => TensorType.F32,
        ScalarType.Float16 => TensorType.F16,
        ScalarType.BFloat16 => TensorType.BF16,
        _ => throw new CheckpointException($"TITER412 Weights of type {type} cannot be written. Use float32, float16 or bfloat16."),
    };
}
