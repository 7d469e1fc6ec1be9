using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Data;

/// <summary>Which chat format a subject is spoken to in, and how that is known. It is never guessed: a checkpoint's
/// template is rendered, and what it writes is what counts.</summary>
internal static class ChatFormatChoice
{
    private const string ConfigFile = "tokenizer_config.json";
    private const string MapFile = "special_tokens_map.json";
    private const string ProcessorFile = "chat_template.json";
    private const string TemplateFile = "chat_template.jinja";
    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    /// <summary>Conversations that two ways to write must write alike to be one. White space at the edges is part of it.</summary>
    private static readonly ChatExample[] Probes =
    [
        new("", "", " how is tea made? ", " with water \n"),
        new("", "", "and then?", "drink it", History: [new(ChatRole.User, " how is tea made?"), new(ChatRole.Assistant, " with water ")]),
        new("", "", "how is tea made?", "with water", History: [new(ChatRole.System, " Be brief. ")]),
    ];

    /// <summary>The embedded generator's own format.</summary>
    public static ChatSettings OfGenerator { get; } = new() { Origin = "of the generator of the data" };

    /// <param name="declared">What the scenario says under <c>subject</c>; its name is empty when it names no format.</param>
    /// <exception cref="ScenarioException">Neither the scenario nor the checkpoint says, or the
    /// checkpoint's template cannot be rendered.</exception>
    public static ChatSettings Of(ChatSettings declared, string subjectFolder, ITextTokenizer tokenizer)
    {
        if (declared.Marks is not null || (declared.Name.Length > 0 && declared.Name != TemplateScript.FormatName)) return declared;
        var (template, file) = TemplateOf(subjectFolder);
        if (template is null)
            throw new ScenarioException(
                $"TITER520 The chat format of {subjectFolder} is not known: it has no chat_template. Set subject.chat_format to the one that it "
                    + $"was trained with: {ChatTemplate.Names}, or to marks of your own (user: {{ prefix, suffix }}, assistant: {{ prefix, "
                    + "suffix }).");
        var own = declared with { Name = TemplateScript.FormatName, Template = new TokenizerTemplate(template, SpecialTokens(subjectFolder)),
            Origin = $"the chat_template in {file}, as it is written" };
        var format = Rendered(own, subjectFolder, tokenizer);
        // The switch is the template's own.
        if (declared.Name == TemplateScript.FormatName || declared.Thinking is not null) return own;
        return ChatTemplate.All.FirstOrDefault(known => WritesAlike(format, known, tokenizer)) is { } found
            ? declared with { Name = found.Name, Origin = $"recognized from the chat_template in {file}, which writes the same" }
            : own;
    }

    private static ChatFormat Rendered(ChatSettings own, string subjectFolder, ITextTokenizer tokenizer)
    {
        try
        {
            return new ChatFormat(tokenizer, own);
        }
        catch (ScenarioException e) when (e.Code == "TITER539")
        {
            throw new ScenarioException($"TITER520 The chat_template of {subjectFolder} is none that is known: {e.Message}", e);
        }
    }

    private static bool WritesAlike(ChatFormat own, ChatTemplate known, ITextTokenizer tokenizer)
    {
        if (known.Name is "plain" or ChatTemplate.Apothecary || known.Required.Any(token => tokenizer.ControlId(token) is null)) return false;
        try
        {
            var format = new ChatFormat(tokenizer, known.Name);
            return Probes.All(probe => own.Chat(probe) is var mine && format.Chat(probe) is var theirs && mine.Tokens.SequenceEqual(theirs.Tokens)
                && mine.PromptLength == theirs.PromptLength && own.Control.End == format.Control.End);
        }
        catch (ScenarioException)
        {
            // One of the two does not write such a conversation at all.
            return false;
        }
    }

    /// <summary>The chat template that a checkpoint ships; null when it ships none.</summary>
    internal static TokenizerTemplate? OwnTemplate(string folder) =>
        TemplateOf(folder).Template is { } text ? new TokenizerTemplate(text, SpecialTokens(folder)) : null;

    private static (string? Template, string File) TemplateOf(string folder)
    {
        var own = Path.Combine(folder, TemplateFile);
        if (File.Exists(own))
        {
            CheckpointText.RequireContent(own);
            return (File.ReadAllText(own), TemplateFile);
        }

        // Where processors keep it.
        if (Config(folder, ProcessorFile) is { } processor && processor.TryGetProperty("chat_template", out var kept)
            && kept.ValueKind == JsonValueKind.String) return (kept.GetString(), ProcessorFile);
        if (Config(folder, ConfigFile) is not { } config || !config.TryGetProperty("chat_template", out var template)) return (null, ConfigFile);
        // Either one text, or several with names, of which 'default' is the one for chats.
        if (template.ValueKind == JsonValueKind.String) return (template.GetString(), ConfigFile);
        if (template.ValueKind != JsonValueKind.Array) return (null, ConfigFile);
        foreach (var item in template.EnumerateArray())
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                && name.ValueEquals("default")
                && item.TryGetProperty("template", out var text) && text.ValueKind == JsonValueKind.String) return (text.GetString(), ConfigFile);
        return (null, ConfigFile);
    }

    private static Dictionary<string, string> SpecialTokens(string folder)
    {
        var tokens = new Dictionary<string, string>();
        foreach (var file in (string[])[ConfigFile, MapFile])
        {
            if (Config(folder, file) is not { } config) continue;
            foreach (var name in TokenNames)
            {
                if (!config.TryGetProperty(name, out var token)) continue;
                if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content)) token = content;
                if (token.ValueKind == JsonValueKind.String) tokens.TryAdd(name, token.GetString()!);
            }
        }

        return tokens;
    }

    private static JsonElement? Config(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path)) return null;
        try
        {
            using var document = JsonDocument.Parse(CheckpointText.Json(path));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException e)
        {
            throw new ScenarioException($"TITER520 {path} is not JSON: {e.Message} Download it again, or set subject.chat_format.", e);
        }
    }
}
