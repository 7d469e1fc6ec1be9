using System.Text.Json;
using Titer.Models.Checkpoints;

namespace Titer.Scenarios.Data;

/// <summary>Which chat format a subject is spoken to in, and how that is known. It is never guessed.</summary>
/// <param name="Origin">For people: where the name is from.</param>
public sealed record ChatFormatChoice(string Name, string Origin)
{
    private const string ConfigFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";

    /// <summary>The embedded generator's own format.</summary>
    internal static ChatFormatChoice OfGenerator { get; } = new(ChatTemplate.Apothecary, "of the generator of the data");

    /// <param name="declared"><c>subject.chat_format</c>, checked already; null when absent.</param>
    /// <exception cref="ScenarioException">Neither the scenario nor the checkpoint says.</exception>
    internal static ChatFormatChoice Of(string? declared, string subjectFolder)
    {
        if (declared is not null) return new ChatFormatChoice(declared, "declared in the scenario");
        var (template, file) = TemplateOf(subjectFolder);
        if (template is null)
            throw new ScenarioException($"TITER520 The chat format of {subjectFolder} is not known: it has no chat_template. Set subject.chat_format to the one that it was trained with: {ChatTemplate.Names}.");
        // Llama 2's marks include Mistral's.
        var found = ChatTemplate.All.Where(t => t.Markers.Length > 0 && t.Markers.All(marker => template.Contains(marker, StringComparison.Ordinal))).Select(t => t.Name).ToList();
        if (found.Contains("llama2")) found.Remove("mistral");
        return found.Count == 1
            ? new ChatFormatChoice(found[0], $"recognized from the chat_template in {file}")
            : throw new ScenarioException($"TITER520 The chat_template of {subjectFolder} is {(found.Count == 0 ? "none that is known" : $"like several formats: {string.Join(", ", found)}")}. Set subject.chat_format to the one that it was trained with: {ChatTemplate.Names}.");
    }

    private static (string? Template, string File) TemplateOf(string folder)
    {
        var own = Path.Combine(folder, TemplateFile);
        if (File.Exists(own)) return (File.ReadAllText(own), TemplateFile);
        var config = Path.Combine(folder, ConfigFile);
        if (!File.Exists(config)) return (null, ConfigFile);
        try
        {
            using var document = JsonDocument.Parse(CheckpointText.Json(config));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("chat_template", out var template)) return (null, ConfigFile);
            // Either one text, or several with names, of which 'default' is the one for chats.
            if (template.ValueKind == JsonValueKind.String) return (template.GetString(), ConfigFile);
            if (template.ValueKind != JsonValueKind.Array) return (null, ConfigFile);
            foreach (var item in template.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.ValueEquals("default")
                    && item.TryGetProperty("template", out var text) && text.ValueKind == JsonValueKind.String) return (text.GetString(), ConfigFile);
            return (null, ConfigFile);
        }
        catch (JsonException e)
        {
            throw new ScenarioException($"TITER520 {config} is not JSON: {e.Message} Download it again, or set subject.chat_format.", e);
        }
    }
}
