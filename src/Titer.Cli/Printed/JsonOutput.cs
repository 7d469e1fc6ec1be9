using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Titer.Cli.Printed;

/// <summary>Writes documents to stdout.</summary>
internal static class JsonOutput
{
    public static void Write<T>(T document, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(document, type));

    /// <summary>One of several, each on one line of its own.</summary>
    public static void WriteLine<T>(T document, Func<PrintedJson, JsonTypeInfo<T>> type) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(document, type(PrintedJson.OnOneLine.Value)));
}
