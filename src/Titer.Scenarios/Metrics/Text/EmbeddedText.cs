namespace Titer.Scenarios.Metrics.Text;

/// <summary>Word lists of the metrics, kept as text beside their code.</summary>
internal static class EmbeddedText
{
    public static IReadOnlyList<string> Lines(string name)
    {
        using var stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream($"Titer.Scenarios.Metrics.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
