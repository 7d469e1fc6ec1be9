using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Which tokens begin, end and pad, as a checkpoint's JSON files say. The first of <c>tokenizer_config.json</c>,
/// <c>special_tokens_map.json</c>, <c>generation_config.json</c> and
/// <c>config.json</c> that has the key decides, an explicit null included. All end tokens of the first of the last two that has any end an answer.
/// </summary>
internal sealed record ControlTokenNames(string Folder)
{
    private static readonly string[] NameFiles = ["tokenizer_config.json", "special_tokens_map.json"];
    private static readonly string[] IdFiles = ["generation_config.json", "config.json"];

    /// <summary>Names of all of them.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. NameFiles, .. IdFiles];

    /// <summary>These put a begin token in front unless their settings say otherwise, whatever tokenizer.json has.</summary>
    private static readonly string[] BeginningClasses = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer"];

    public string? Begin { get; private init; }

    public string? End { get; private init; }

    public int? BeginId { get; private init; }

    public int? EndId { get; private init; }

    public bool HasEnd => End is not null || EndId is not null;

    /// <summary>Null: the files leave it to the tokenizer's post-processor, or to what its kind does.</summary>
    public bool? AddsBegin { get; init; }

    private string? Padding { get; init; }

    private int? PaddingId { get; init; }

    /// <summary>All ids that end an answer where the reference generates.</summary>
    private IReadOnlyList<int> EndIds { get; init; } = [];

    /// <summary>Rows of the embedding; null where no config.json is.</summary>
    private int? EmbeddingRows { get; init; }

    public static ControlTokenNames Read(string folder)
    {
        var files = NameFiles.Concat(IdFiles).Select(name => Path.Combine(folder, name)).Where(File.Exists)
            .ToDictionary(path => Path.GetFileName(path), JsonPart.Read);
        var (begin, end, padding) = (Find("bos"), Find("eos"), Find("pad"));
        return new ControlTokenNames(folder)
        {
            Begin = begin.Name,
            BeginId = begin.Id,
            End = end.Name,
            EndId = end.Id,
            EndIds = Ids("eos"),
            Padding = padding.Name,
            PaddingId = padding.Id,
            AddsBegin = AddsBeginIn(files.TryGetValue(NameFiles[0], out var settings) ? settings : null),
            EmbeddingRows = files.TryGetValue("config.json", out var config) && config.Optional("vocab_size") is { IsNumber: true } rows
                ? rows.Whole()
                : null,
        };

        (string? Name, int? Id) Find(string role)
        {
            foreach (var name in NameFiles)
            {
                if (!files.TryGetValue(name, out var file) || !file.Has($"{role}_token")) continue;
                // A padding token that is null here may still be given as an id; no begin token means none.
                if (file.Optional($"{role}_token") is { } token) return (token.IsObject ? token.Text("content") : token.Text(), null);
                if (role == "bos") return (null, null);
            }

            foreach (var name in IdFiles)
                if (files.TryGetValue(name, out var file) && file.Optional($"{role}_token_id") is { } id)
                    return (null, (id.IsList ? id.Items().FirstOrDefault(id) : id).Whole() is >= 0 and var known ? known : null);
            return (null, null);
        }

        IReadOnlyList<int> Ids(string role)
        {
            foreach (var name in IdFiles)
                if (files.TryGetValue(name, out var file) && file.Optional($"{role}_token_id") is { } ids)
                    return [.. (ids.IsList ? ids.Items() : [ids]).Select(id => id.Whole()).Where(id => id >= 0)];
            return [];
        }
    }

    /// <summary>Ids of the names.</summary>
    /// <param name="unknown">Absent padding falls back to this token, else to the end token: padded positions carry no loss and no attention. So
    /// does a padding token that the embedding has no row for.</param>
    /// <param name="inFront">What the tokenizer puts in front of a text where the settings do not say whether there is a begin token.</param>
    /// <exception cref="CheckpointException">A name that the tokenizer lacks, no end token, or one that the embedding has no row for.</exception>
    public ControlTokens Resolve(string path, Func<string, int?> idOf, string? unknown, string? inFront)
    {
        var end = Named(End) ?? EndId
            ?? throw new CheckpointException(
                $"TITER468 {Folder} does not say which token ends an answer. Add eos_token to its tokenizer_config.json, or eos_token_id to its "
                    + "generation_config.json.");
        var begin = AddsBegin switch
        {
            true => Named(Begin) ?? BeginId,
            false => null,
            null => Named(inFront),
        };
        foreach (var (role, name, id) in (ReadOnlySpan<(string, string?, int?)>)[("begin", Begin, begin), ("end", End, end)])
            if (id is { } known && !IsEmbedded(known))
                throw new CheckpointException(
                    $"TITER473 {Folder}: the {role} token {(name is null ? "" : $"'{name}' ")}has the id {known}, and the embedding "
                        + $"has {EmbeddingRows} rows (vocab_size in config.json). Resize the model's embeddings to its tokenizer, or take all "
                        + "files from one checkpoint.");
        int?[] fillers = [Named(Padding), PaddingId, Named(unknown), end];
        return new ControlTokens(begin, end, fillers.First(id => id is { } filler && IsEmbedded(filler))!.Value);

        int? Named(string? name) => name is null ? null : idOf(name)
            ?? throw new CheckpointException(
                $"TITER469 {path} has no token '{name}', which {Folder} names as a control token. Take all files from one checkpoint.");
    }

    /// <summary>Whether a token has one of the roles.</summary>
    public bool Names(string token) => token == Begin || token == End || token == Padding;

    /// <summary>All tokens that end an answer, the tokenizer's own first.</summary>
    public IReadOnlyList<int> EndsWith(int own) => [.. EndIds.Where(IsEmbedded).Prepend(own).Distinct()];

    private bool IsEmbedded(int id) => EmbeddingRows is not { } rows || id < rows;

    private static bool? AddsBeginIn(JsonPart? settings)
    {
        if (settings is not { } config) return null;
        if (config.Optional("add_bos_token") is not null) return config.Flag("add_bos_token", true);
        return config.Optional("tokenizer_class") is { IsText: true } name
            && BeginningClasses.Any(known => name.Text() == known || name.Text() == known + "Fast") ? true : null;
    }
}
