using System.Text.Json;
using Json.Schema;

namespace Titer.EndToEnd.Tests;

/// <summary>Schemas as <c>titer schema</c> prints them, each asked for once.</summary>
internal static class PublishedSchema
{
    private static readonly Dictionary<string, JsonSchema> Known = [];
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };

    /// <param name="folder">Any, to start titer in.</param>
    public static async Task HoldsAsync(string folder, string name, params JsonElement[] documents)
    {
        if (!Known.TryGetValue(name, out var schema))
        {
            var outcome = await TiterProcess.RunAsync(folder, "schema", name);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            Known[name] = schema = JsonSchema.FromText(outcome.Output);
        }

        Assert.All(documents, document =>
        {
            var result = schema.Evaluate(document, Options);
            Assert.True(result.IsValid, string.Join('\n', (result.Details ?? []).Where(d => d.Errors is not null)
                .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}"))));
        });
    }
}
