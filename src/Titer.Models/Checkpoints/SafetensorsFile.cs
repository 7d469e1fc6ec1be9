using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Titer.Files.Codes;

namespace Titer.Models.Checkpoints;

/// <summary>The file is not what it should be; the message has a stable code, the file and the tensor.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}

public enum TensorType
{
    F32,
    F16,
    BF16,

    /// <summary>One byte each; masks that some exports ship, which are never read as weights.</summary>
    Mask,

    /// <summary>Whole numbers and others: buffers that some exports ship, which are never read as weights.</summary>
    Other,
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
public sealed record TensorEntry(string Name, TensorType Type, long[] Shape, long Begin, long End)
{
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    public int ByteWidth => Type switch { TensorType.F32 => 4, TensorType.Mask => 1, TensorType.Other => OtherWidth, _ => 2 };

    /// <summary>Whether it can be a weight.</summary>
    public bool IsWeight => Type is TensorType.F32 or TensorType.F16 or TensorType.BF16;

    /// <summary>The file's name of the type.</summary>
    public string TypeName { get; init; } = "";

    /// <summary>Bytes of one of <see cref="TensorType.Other"/>.</summary>
    internal int OtherWidth { get; init; }
}

/// <summary>
/// Reads the safetensors format strictly, without torch: 8 bytes of header length, a JSON header, raw little-endian tensors without gaps or
/// overlaps. Malformed files give a <see cref="CheckpointException"/>, never an out-of-range read.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const long MaximumHeaderBytes = 100_000_000;
    private readonly FileStream _stream;

    private SafetensorsFile(string path, FileStream stream, long data, IReadOnlyList<TensorEntry> tensors) =>
        (Path, _stream, DataOffset, Tensors) = (path, stream, data, tensors);

    public string Path { get; }

    /// <summary>Where the first tensor begins, in bytes.</summary>
    public long DataOffset { get; }

    /// <summary>In the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <exception cref="CheckpointException">Missing or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path)) throw new CheckpointException($"TITER410 {path}: no such file.");
        var stream = File.OpenRead(path);
        try
        {
            CheckpointText.RequireContent(path);
            Span<byte> prefix = stackalloc byte[8];
            if (stream.Length < 8) throw Malformed(path, "shorter than its 8-byte header length");
            stream.ReadExactly(prefix);
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerBytes > MaximumHeaderBytes)
                throw Malformed(path, $"its header claims {headerBytes} bytes (at most {MaximumHeaderBytes} are read)");
            if ((long)headerBytes > stream.Length - 8)
                throw Malformed(path, $"its header claims {headerBytes} bytes, the file has {stream.Length - 8} left (truncated?)");
            // The format's first character, before a hundred megabytes of something else are taken in.
            if (headerBytes == 0 || stream.ReadByte() != '{') throw Malformed(path, "its header is not a JSON object");
            stream.Position = 8;
            var header = new byte[headerBytes];
            stream.ReadExactly(header);
            var data = 8 + (long)headerBytes;
            return new SafetensorsFile(path, stream, data, SafetensorsHeader.Parse(path, header, stream.Length - data));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>A tensor's raw little-endian bytes.</summary>
    /// <exception cref="CheckpointException">More than fit in an array.</exception>
    public byte[] ReadBytes(TensorEntry tensor)
    {
        if (tensor.End - tensor.Begin > Array.MaxLength)
            throw new CheckpointException(
                $"TITER412 {Path}: tensor '{tensor.Name}' has {tensor.End - tensor.Begin} bytes; at most {Array.MaxLength} are read at once. "
                    + "Store it in 16 bits.");
        var bytes = new byte[tensor.End - tensor.Begin];
        lock (_stream)
        {
            _stream.Position = DataOffset + tensor.Begin;
            _stream.ReadExactly(bytes);
        }

        return bytes;
    }

    /// <summary>A tensor's values, widened to float32.</summary>
    public float[] ReadSingles(TensorEntry tensor)
    {
        if (!tensor.IsWeight) throw NoWeight(Path, tensor);
        var bytes = ReadBytes(tensor);
        var values = new float[tensor.Count];
        switch (tensor.Type)
        {
            case TensorType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case TensorType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (var i = 0; i < values.Length; i++) values[i] = (float)halves[i];
                break;
            default:
                var words = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
                break;
        }

        return values;
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>A tensor of another type where a weight is asked for.</summary>
    internal static CheckpointException NoWeight(string path, TensorEntry tensor) => Quantization.RefusalOf(path, tensor)
        ?? (tensor.TypeName is "I8" or "U8" or "I32" or "F8_E4M3" or "F8_E5M2"
            ? Quantization.Refusal(path, $"'{tensor.Name}' is of type {tensor.TypeName}")
            : new CheckpointException(
                $"TITER412 {path}: tensor '{tensor.Name}' has dtype {tensor.TypeName}, which is not supported. Convert it to F32, F16 or BF16."));

    internal static CheckpointException Malformed(string path, string fact) =>
        new($"TITER411 {path} is not a valid safetensors file: {fact}. Download or export it again.");
}
