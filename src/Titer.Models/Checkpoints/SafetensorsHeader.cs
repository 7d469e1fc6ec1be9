using System.Text.Json;

namespace Titer.Models.Checkpoints;

/// <summary>Parses and checks the JSON header of a safetensors file.</summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes of types that are no weights here.</summary>
    private static readonly Dictionary<string, int> Widths = new()
    {
        ["I8"] = 1, ["I16"] = 2, ["U16"] = 2, ["I32"] = 4, ["U32"] = 4, ["I64"] = 8, ["U64"] = 8, ["F64"] = 8, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1,
        ["C64"] = 8,
    };

    public static IReadOnlyList<TensorEntry> Parse(string path, byte[] header, long dataBytes)
    {
        var tensors = new List<TensorEntry>();
        try
        {
            using var json = JsonDocument.Parse(header);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw SafetensorsFile.Malformed(path, "its header is not a JSON object");
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name != "__metadata__") tensors.Add(Entry(path, property));
            }
        }
        // InvalidOperationException: a name or dtype that is not UTF-8.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(SafetensorsFile.Malformed(path, $"its header is not JSON ({e.Message})").Message, e);
        }

        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        if (tensors.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw SafetensorsFile.Malformed(path, $"tensor '{twice.Key}' occurs twice");
        var at = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin != at) throw SafetensorsFile.Malformed(path,
                $"tensor '{tensor.Name}' begins at byte {tensor.Begin} where {at} was expected ({(tensor.Begin < at ? "overlap" : "gap")})");
            at = tensor.End;
        }

        return at == dataBytes
            ? tensors
            : throw SafetensorsFile.Malformed(path, $"its tensors take {at} bytes, the file has {dataBytes} (truncated?)");
    }

    private static TensorEntry Entry(string path, JsonProperty property)
    {
        var name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object
            || !property.Value.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !property.Value.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || !property.Value.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array
            || offsets.GetArrayLength() != 2)
            throw SafetensorsFile.Malformed(path, $"tensor '{name}' lacks dtype, shape or data_offsets");
        var dataType = type.GetString() switch
        {
            "F32" => TensorType.F32,
            "F16" => TensorType.F16,
            "BF16" => TensorType.BF16,
            "BOOL" or "U8" => TensorType.Mask,
            var other when Widths.ContainsKey(other!) => TensorType.Other,
            _ => throw new CheckpointException(
                $"TITER412 {path}: tensor '{name}' has dtype {type.GetString()}, which is not supported. Convert it to F32, F16 or BF16."),
        };
        var sizes = shape.EnumerateArray().Select(d => Number(path, name, d)).ToArray();
        var count = 1L;
        foreach (var size in sizes)
        {
            if (size != 0 && count > long.MaxValue / 8 / size) throw SafetensorsFile.Malformed(path, $"tensor '{name}' has an impossible shape");
            count *= size;
        }

        var entry = new TensorEntry(name, dataType, sizes, Number(path, name, offsets[0]),
            Number(path, name, offsets[1])) { TypeName = type.GetString()!, OtherWidth = Widths.GetValueOrDefault(type.GetString()!) };
        return entry.End - entry.Begin == entry.Count * entry.ByteWidth
            ? entry
            : throw SafetensorsFile.Malformed(path,
                $"tensor '{name}' has {entry.End - entry.Begin} bytes where its shape needs {entry.Count * entry.ByteWidth}");
    }

    private static long Number(string path, string tensor, JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value) && value >= 0
            ? value
            : throw SafetensorsFile.Malformed(path, $"tensor '{tensor}' has a size or offset that is not a whole number");
}
