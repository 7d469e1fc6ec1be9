using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Titer.Models.Checkpoints;

/// <summary>The file is not what it should be; the message has a stable code, the file and the tensor.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);

public enum TensorType
{
    F32,
    F16,
    BF16,

    /// <summary>One byte each; masks that some exports ship, which are never read as weights.</summary>
    Mask,
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
public sealed record TensorEntry(string Name, TensorType Type, long[] Shape, long Begin, long End)
{
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    public int ByteWidth => Type switch { TensorType.F32 => 4, TensorType.Mask => 1, _ => 2 };
}

/// <summary>
/// Reads the safetensors format strictly, without torch: 8 bytes of header length, a JSON header, raw little-endian tensors without gaps or
/// overlaps. Malformed files give a <see cref="CheckpointException"/>, never an out-of-range read.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const long MaximumHeaderBytes = 100_000_000;
    private readonly FileStream _stream;
    private readonly long _data;

    private SafetensorsFile(string path, FileStream stream, long data, IReadOnlyList<TensorEntry> tensors) =>
        (Path, _stream, _data, Tensors) = (path, stream, data, tensors);

    public string Path { get; }

    /// <summary>In the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <exception cref="CheckpointException">Missing or malformed.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path)) throw new CheckpointException($"TITER410 {path}: no such file.");
        var stream = File.OpenRead(path);
        try
        {
            Span<byte> prefix = stackalloc byte[8];
            if (stream.Length < 8) throw Malformed(path, "shorter than its 8-byte header length");
            stream.ReadExactly(prefix);
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (headerBytes > MaximumHeaderBytes) throw Malformed(path, $"its header claims {headerBytes} bytes (at most {MaximumHeaderBytes} are read)");
            if ((long)headerBytes > stream.Length - 8) throw Malformed(path, $"its header claims {headerBytes} bytes, the file has {stream.Length - 8} left (truncated?)");
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
            throw new CheckpointException($"TITER412 {Path}: tensor '{tensor.Name}' has {tensor.End - tensor.Begin} bytes; at most {Array.MaxLength} are read at once. Store it in 16 bits.");
        var bytes = new byte[tensor.End - tensor.Begin];
        lock (_stream)
        {
            _stream.Position = _data + tensor.Begin;
            _stream.ReadExactly(bytes);
        }

        return bytes;
    }

    /// <summary>A tensor's values, widened to float32.</summary>
    public float[] ReadSingles(TensorEntry tensor)
    {
        if (tensor.Type == TensorType.Mask) throw new CheckpointException($"TITER412 {Path}: tensor '{tensor.Name}' has one-byte values, which is not supported. Convert it to F32, F16 or BF16.");
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

    internal static CheckpointException Malformed(string path, string fact) =>
        new($"TITER411 {path} is not a valid safetensors file: {fact}. Download or export it again.");
}
