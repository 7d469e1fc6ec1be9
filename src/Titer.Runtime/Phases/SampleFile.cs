using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>An answer, and the step of the phase's training after which it was given.</summary>
internal sealed record StepSample(int Step, Sample Sample);

/// <summary>Answers of one phase as gzipped lines of JSON: what a changed metric is applied to without training anything again.</summary>
internal static class SampleFile
{
    /// <summary>No honest phase writes more; a file from a plugin's process is not read without end.</summary>
    private const long MostBytes = 1L << 30;

    private const int MostLineBytes = 4 << 20;

    public static void Write(string path, IEnumerable<StepSample> samples)
    {
        // A plugin may have put something else in its place.
        File.Delete(path);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        using var writer = new StreamWriter(gzip, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        foreach (var sample in samples) writer.WriteLine(JsonSerializer.Serialize(SampleLine.Of(sample), SampleJson.Default.SampleLine));
    }

    /// <exception cref="InvalidDataException">Not a file of samples.</exception>
    /// <param name="most">Lines that it may have.</param>
    public static IReadOnlyList<StepSample> Read(string path, int most = int.MaxValue)
    {
        var samples = new List<StepSample>();
        try
        {
            using var file = RegularFile.OpenRead(path, MostBytes);
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            foreach (var line in BoundedLines.Of(gzip, MostLineBytes, MostBytes))
            {
                if (samples.Count == most) throw new InvalidDataException("it has more answers than were asked for");
                samples.Add((JsonSerializer.Deserialize(line, SampleJson.Default.SampleLine)
                    ?? throw new JsonException("A line is null.")).ToSample());
            }

            return samples;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"TITER216 {path} is not a file of samples ({e.Message.TrimEnd('.')}). Play the phase again: 'titer run' does so when the file "
                    + "is missing.", e);
        }
    }

    /// <summary>What is wrong with the answers of a result, for the middle of a sentence; null when
    /// they are one for each prompt of each point.</summary>
    public static string? Problem(string path, PhaseResult result)
    {
        try
        {
            var expected = Expected(result).ToArray();
            var given = Read(path, expected.Length).Select(s => (s.Step, s.Sample.Set, s.Sample.Template ?? "", s.Sample.PromptId)).ToHashSet();
            return given.Count == expected.Length && expected.All(given.Contains) ? null : "they are not one for each prompt that was asked";
        }
        catch (InvalidDataException e)
        {
            return (e.InnerException ?? e).Message.TrimEnd('.');
        }
    }

    private static IEnumerable<(int Step, SampleSet Set, string Template, string Prompt)> Expected(PhaseResult result) => result switch
    {
        { Trajectory: { } t } => t.Checkpoints.SelectMany(c => Point(c.Step, t.Templates, t.HarmPrompts, t.UtilityPrompts)),
        { Assessment: { } a } => Point(0, a.Templates, a.HarmPrompts, a.UtilityPrompts)
            .Concat(a.Trainability.SelectMany(p => a.TrainabilityPrompts.Select(prompt => (p.Step, SampleSet.Trainability, "", prompt)))),
        _ => [],
    };

    private static IEnumerable<(int, SampleSet, string, string)> Point(int step, IReadOnlyList<string> templates, IReadOnlyList<string> harm,
        IReadOnlyList<string> utility) =>
        templates.SelectMany(template => harm.Select(prompt => (step, SampleSet.Harm, template, prompt)))
            .Concat(utility.Select(prompt => (step, SampleSet.Utility, "", prompt)));
}

/// <summary>One line of a sample file.</summary>
internal sealed record SampleLine(int Step, string Set, string? Template, string Prompt, string Answer)
{
    public static SampleLine Of(StepSample s) =>
        new(s.Step, s.Sample.Set.ToString().ToLowerInvariant(), s.Sample.Template, s.Sample.PromptId, s.Sample.Answer);

    public StepSample ToSample() => new(Step, new Sample(
        Enum.TryParse<SampleSet>(Set, ignoreCase: true, out var set) ? set : throw new JsonException($"There is no set '{Set}'."), Template, Prompt,
        Answer));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SampleLine))]
internal sealed partial class SampleJson : JsonSerializerContext;
