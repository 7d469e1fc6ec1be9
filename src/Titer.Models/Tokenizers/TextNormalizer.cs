namespace Titer.Models.Tokenizers;

/// <summary>The <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal sealed class TextNormalizer
{
    private const string Supported = "NFC, NFD, Prepend, Replace, Sequence";
    private readonly IReadOnlyList<Func<string, bool, string>> _steps;

    private TextNormalizer(IReadOnlyList<Func<string, bool, string>> steps) => _steps = steps;

    public static TextNormalizer Read(JsonPart? node) => new([.. node is { } part ? Steps(part) : []]);

    /// <param name="continues">The text follows other text: nothing is put in front of it.</param>
    public string Apply(string text, bool continues) => _steps.Aggregate(text, (current, step) => step(current, continues));

    private static IEnumerable<Func<string, bool, string>> Steps(JsonPart node)
    {
        switch (node.Text("type"))
        {
            case "Sequence":
                return node.Required("normalizers").Items().SelectMany(Steps);
            case "NFC":
                return [(text, _) => CanonicalForm.Compose(text)];
            case "NFD":
                return [(text, _) => CanonicalForm.Decompose(text)];
            case "Prepend":
                var prefix = node.Text("prepend");
                return [(text, continues) => continues || text.Length == 0 ? text : prefix + text];
            case "Replace":
                var (pattern, content) = (UnicodePattern.Read(node.Required("pattern"), "TITER462"), node.Text("content"));
                return [(text, _) => pattern.Replace(text, content)];
            case var other:
                return node.Unsupported<IEnumerable<Func<string, bool, string>>>("TITER462", $"the normalizer '{other}'", Supported);
        }
    }
}
