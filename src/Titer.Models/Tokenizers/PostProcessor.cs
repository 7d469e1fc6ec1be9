namespace Titer.Models.Tokenizers;

/// <summary>The <c>post_processor</c> of a <c>tokenizer.json</c>: what the reference puts around one text.</summary>
internal static class PostProcessor
{
    /// <summary>The token that it puts before a text; null when none. One that only names a token does not put it there.</summary>
    /// <exception cref="Checkpoints.CheckpointException">It puts several there.</exception>
    public static string? InFront(JsonPart? node)
    {
        if (node is not { } part) return null;
        string[] tokens = [.. Tokens(part)];
        return tokens.Length <= 1
            ? tokens.FirstOrDefault()
            : part.Unsupported<string>("TITER474", $"a post-processor that puts {tokens.Length} tokens in front of a text",
                "one begin token, or none");
    }

    private static IEnumerable<string> Tokens(JsonPart node) => node.Optional("type")?.Text() switch
    {
        "Sequence" => node.Required("processors").Items().SelectMany(Tokens),
        "TemplateProcessing" =>
            node.Required("single").Items().TakeWhile(item => !item.Has("Sequence")).Select(item => item.Required("SpecialToken").Text("id")),
        // [token, id].
        "BertProcessing" or "RobertaProcessing" => [node.Required("cls").Items().First().Text()],
        _ => [],
    };
}
