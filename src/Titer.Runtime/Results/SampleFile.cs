using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Scenarios;

namespace Titer.Runtime.Results;

/// <summary>An answer, and the step of the phase's training after which it was given.</summary>
public sealed record StepSample(int Step, Sample Sample);

/// <summary>Answers of one phase as gzipped lines of JSON: what a changed metric is applied to without training anything again.</summary>
public static class SampleFile
{
    /// <summary>No honest phase writes more; a file from a plugin's process is not read without end.</summary>
    private const long MostBytes = 1L << 30;

    public static void Write(string path, IEnumerable<StepSample> samples)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        using var writer = new StreamWriter(gzip, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        foreach (var sample in samples) writer.WriteLine(JsonSerializer.Serialize(SampleLine.Of(sample), SampleJson.Default.SampleLine));
    }

    /// <exception cref="InvalidDataException">Not a file of samples.</exception>
    public static IReadOnlyList<StepSample> Read(string path)
    {
        var samples = new List<StepSample>();
        try
        {
            using var file = File.OpenRead(path);
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            using var reader = new StreamReader(gzip, Encoding.UTF8);
            var read = 0L;
            while (reader.ReadLine() is { } line)
            {
                if ((read += line.Length) > MostBytes) throw new InvalidDataException("It is longer than 1 GiB.");
                samples.Add((JsonSerializer.Deserialize(line, SampleJson.Default.SampleLine) ?? throw new JsonException("A line is null.")).ToSample());
            }

            return samples;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException)
        {
            throw new InvalidDataException($"TITER216 {path} is not a file of samples ({e.Message}). Play the phase again: delete its file under phases/.", e);
        }
    }
}

/// <summary>One line of a sample file.</summary>
internal sealed record SampleLine(int Step, string Set, string? Template, string Prompt, string Answer)
{
    public static SampleLine Of(StepSample s) => new(s.Step, s.Sample.Set.ToString().ToLowerInvariant(), s.Sample.Template, s.Sample.PromptId, s.Sample.Answer);

    public StepSample ToSample() => new(Step, new Sample(
        Enum.TryParse<SampleSet>(Set, ignoreCase: true, out var set) ? set : throw new JsonException($"There is no set '{Set}'."), Template, Prompt, Answer));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SampleLine))]
internal sealed partial class SampleJson : JsonSerializerContext;
