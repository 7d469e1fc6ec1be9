using System.Collections.Concurrent;
using System.Text.Json;
using Json.Schema;

namespace Titer.EndToEnd.Tests;

/// <summary>Schemas as <c>titer schema</c> prints them, each asked for once.</summary>
internal static class PublishedSchema
{
    // Tests play side by side, and the library refuses a schema that it has.
    private static readonly ConcurrentDictionary<string, Lazy<Task<JsonSchema>>> Known = [];
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };

    /// <param name="folder">Any, to start titer in.</param>
    public static async Task HoldsAsync(string folder, string name, params JsonElement[] documents)
    {
        var schema = await Known.GetOrAdd(name, new Lazy<Task<JsonSchema>>(() => AskAsync(folder, name))).Value;
        Assert.All(documents, document =>
        {
            var result = schema.Evaluate(document, Options);
            Assert.True(result.IsValid, string.Join('\n', (result.Details ?? []).Where(d => d.Errors is not null)
                .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))));
        });
    }

    private static async Task<JsonSchema> AskAsync(string folder, string name)
    {
        var outcome = await TiterProcess.RunAsync(folder, "schema", name);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return JsonSchema.FromText(outcome.Output);
    }
}
