using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Sdk;

namespace Titer.Scenarios.Judges;

/// <summary>
/// Questions with answers that a judge is asked about after a tournament, and its scores, as two files: a process that loads no torch writes the one
/// and reads the other. Each pair once.
/// </summary>
public static class AskedAnswers
{
    private const long MostBytes = 8L << 30;

    /// <summary>A JSON array of two strings a line.</summary>
    public static void Write(string path, IEnumerable<(string Question, string Answer)> asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        using var file = new StreamWriter(path);
        foreach (var (question, answer) in asked) file.WriteLine(JsonSerializer.Serialize([question, answer], AskedJson.Default.StringArray));
    }

    /// <summary>Has a judge score what the file asks about.</summary>
    /// <param name="scores">File of a number for each, in order, 8 bytes; NaN where the judge could not be read.</param>
    public static void Score(string path, ModelJudge judge, string scores)
    {
        ArgumentNullException.ThrowIfNull(judge);
        var pairs = File.ReadLines(path).Select(line => JsonSerializer.Deserialize(line, AskedJson.Default.StringArray)!).ToArray();
        var found = judge.Score(new MetricContext([.. pairs.Select(p => p[0])], [.. pairs.Select(p => p[1])], [.. pairs.Select(_ => "")]));
        var bytes = new byte[found.Length * sizeof(double)];
        for (var i = 0; i < found.Length; i++) BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(i * sizeof(double)), found[i]);
        File.WriteAllBytes(scores, bytes);
    }

    /// <exception cref="InvalidDataException">It has not a score for each, in [0, 1] or NaN.</exception>
    /// <exception cref="IOException">It is not there.</exception>
    public static double[] ReadScores(string path, int count)
    {
        var bytes = RegularFile.ReadAllBytes(path, Math.Min(MostBytes, int.MaxValue));
        if (bytes.Length != count * sizeof(double)) throw new InvalidDataException($"it has {bytes.Length} bytes for {count} answers");
        double[] scores = [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadDoubleBigEndian(bytes.AsSpan(i * sizeof(double))))];
        return scores.All(s => double.IsNaN(s) || s is >= 0 and <= 1) ? scores : throw new InvalidDataException("a score is none");
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class AskedJson : JsonSerializerContext;
