using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Titer.Files;

/// <summary>
/// JSON with one form for one meaning, so that it can be hashed: RFC 8785. Keys in the order of their UTF-16 code units, no white space, as few
/// escapes as JSON allows, numbers as ECMAScript writes them.
/// </summary>
public static class CanonicalJson
{
    public static byte[] Of(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <returns>SHA-256 of the canonical form: 64 lower-case hexadecimal digits.</returns>
    public static string HashOf(JsonNode? node) => Convert.ToHexStringLower(SHA256.HashData(Of(node)));

    /// <summary>Every value of a document by the path to it, as canonical text: two documents differ where these do.</summary>
    public static IReadOnlyDictionary<string, string> Flat(JsonNode? node)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten(values, "", node);
        return values;
    }

    private static void Flatten(SortedDictionary<string, string> values, string path, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                foreach (var (name, value) in members) Flatten(values, path.Length == 0 ? name : $"{path}.{name}", value);
                break;
            case JsonArray { Count: > 0 } items:
                for (var i = 0; i < items.Count; i++) Flatten(values, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", items[i]);
                break;
            default:
                values[path] = Encoding.UTF8.GetString(Of(node));
                break;
        }
    }

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject members:
                Join(text, '{', '}', members.OrderBy(m => m.Key, StringComparer.Ordinal), m =>
                {
                    Write(text, m.Key);
                    text.Append(':');
                    Write(text, m.Value);
                });
                break;
            case JsonArray items:
                Join(text, '[', ']', items, item => Write(text, item));
                break;
            default:
                Write(text, node.GetValueKind(), node);
                break;
        }
    }

    private static void Write(StringBuilder text, JsonValueKind kind, JsonNode node)
    {
        if (kind == JsonValueKind.String) Write(text, node.GetValue<string>());
        else if (kind == JsonValueKind.Number) text.Append(Number(double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)));
        else text.Append(kind == JsonValueKind.True ? "true" : "false");
    }

    private static void Join<T>(StringBuilder text, char open, char close, IEnumerable<T> items, Action<T> write)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) text.Append(',');
            isFirst = false;
            write(item);
        }

        text.Append(close);
    }

    private static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }

    /// <summary>ECMA-262, Number::toString: the shortest digits that round-trip, an exponent from 1e21 up and below 1e-6.</summary>
    private static string Number(double value)
    {
        if (value == 0) return "0";
        var (sign, size) = (value < 0 ? "-" : "", Math.Abs(value));
        var shortest = size.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            var text = size.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) != size) continue;
            shortest = text;
            break;
        }

        var parts = shortest.Split('E');
        var (mantissa, point) = (parts[0].Replace(".", "", StringComparison.Ordinal).TrimEnd('0'),
            int.Parse(parts[1], CultureInfo.InvariantCulture) + 1);
        var count = mantissa.Length;
        return sign + (point > 0 && point <= 21
            ? count <= point ? mantissa.PadRight(point, '0') : $"{mantissa[..point]}.{mantissa[point..]}"
            : point > -6 && point <= 0 ? $"0.{new string('0', -point)}{mantissa}"
            : $"{mantissa[..1]}{(count > 1 ? "." + mantissa[1..] : "")}e{(point > 0 ? "+" : "-")}{
                Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture)}");
    }
}
