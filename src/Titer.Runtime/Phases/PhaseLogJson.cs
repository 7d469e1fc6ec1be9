using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titer.Runtime.Phases;

/// <summary>A log line as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PhaseLogLine))]
internal sealed partial class PhaseLogJson : JsonSerializerContext
{
    public static string Line(PhaseLogLine line) => JsonSerializer.Serialize(line, Default.PhaseLogLine);
}
