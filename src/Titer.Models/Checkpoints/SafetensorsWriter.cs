using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>Writes named tensors in the safetensors format, in their own data type.</summary>
internal static class SafetensorsWriter
{
    public static void Write(string path, IReadOnlyList<NamedParameter> tensors)
    {
        using var noGrad = torch.no_grad();
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var at = 0L;
            foreach (var (name, tensor) in tensors)
            {
                var bytes = tensor.numel() * Width(tensor.dtype);
                json.WriteStartObject(name);
                json.WriteString("dtype", Type(tensor.dtype).ToString());
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

        // Data begin at a multiple of 8 bytes, as other readers expect; spaces are valid JSON.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)buffer.Length);
        file.Write(prefix);
        buffer.WriteTo(file);
        foreach (var (_, tensor) in tensors)
        {
            using var scope = torch.NewDisposeScope();
            file.Write(tensor.detach().cpu().contiguous().bytes);
        }

        file.Flush(flushToDisk: true);
    }

    private static int Width(ScalarType type) => type == ScalarType.Float32 ? 4 : 2;

    private static TensorType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => TensorType.F32,
        ScalarType.Float16 => TensorType.F16,
        ScalarType.BFloat16 => TensorType.BF16,
        _ => throw new CheckpointException($"TITER412 Weights of type {type} cannot be written. Use float32, float16 or bfloat16."),
    };
}
