using Titer.Models.Checkpoints;

namespace Titer.Models.Tokenizers;

/// <summary>
/// Which tokens begin, end and pad, as a checkpoint's JSON files say. The first of <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>, <c>generation_config.json</c> and
/// <c>config.json</c> that has the key decides, an explicit null included; of several end tokens the first counts.
/// </summary>
internal sealed record ControlTokenNames(string Folder)
{
    private static readonly string[] NameFiles = ["tokenizer_config.json", "special_tokens_map.json"];
    private static readonly string[] IdFiles = ["generation_config.json", "config.json"];

    public string? Begin { get; private init; }

    public string? End { get; private init; }

    public int? BeginId { get; private init; }

    public int? EndId { get; private init; }

    public bool HasEnd => End is not null || EndId is not null;

    private string? Padding { get; init; }

    private int? PaddingId { get; init; }

    /// <summary>Null: the file leaves it to the tokenizer's post-processor.</summary>
    public bool? AddsBegin { get; init; }

    public static ControlTokenNames Read(string folder)
    {
        var files = NameFiles.Concat(IdFiles).Select(name => Path.Combine(folder, name)).Where(File.Exists).ToDictionary(path => Path.GetFileName(path), JsonPart.Read);
        var (begin, end, padding) = (Find("bos"), Find("eos"), Find("pad"));
        return new ControlTokenNames(folder)
        {
            Begin = begin.Name,
            BeginId = begin.Id,
            End = end.Name,
            EndId = end.Id,
            Padding = padding.Name,
            PaddingId = padding.Id,
            AddsBegin = files.TryGetValue(NameFiles[0], out var config) && config.Optional("add_bos_token") is not null ? config.Flag("add_bos_token", true) : null,
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
    }

    /// <summary>Ids of the names. Absent padding falls back to the unknown token, else to the end token: padded positions carry no loss and no attention.</summary>
    public ControlTokens Resolve(string path, Func<string, int?> idOf, string? unknown)
    {
        var end = Named(End) ?? EndId
            ?? throw new CheckpointException($"TITER468 {Folder} does not say which token ends an answer. Add eos_token to its tokenizer_config.json, or eos_token_id to its generation_config.json.");
        return new ControlTokens(AddsBegin ?? true ? Named(Begin) ?? BeginId : null, end, Named(Padding) ?? PaddingId ?? (unknown is null ? end : Named(unknown) ?? end));

        int? Named(string? name) => name is null ? null : idOf(name)
            ?? throw new CheckpointException($"TITER469 {path} has no token '{name}', which {Folder} names as a control token. Take all files from one checkpoint.");
    }
}
