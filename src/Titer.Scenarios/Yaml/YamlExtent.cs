using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Titer.Scenarios.Yaml;

/// <summary>
/// Whether a text is of a size and depth that people write. Building and walking nodes is recursive and follows aliases: a text of brackets
/// would end the process, one of aliases to aliases fill its memory. Looked at event by event, before a node is made.
/// </summary>
internal static class YamlExtent
{
    private const int MostDepth = 64;
    private const long MostValues = 200_000;
    private const int MostCharacters = 16 << 20;

    /// <returns>Fact and fix with their place; null when there is nothing against it, or when the reader proper will say what is wrong.</returns>
    public static (long Line, long Column, string Fact)? Problem(string text)
    {
        if (text.Length > MostCharacters)
            return (1, 1,
                $"The file has {text.Length >> 20} million characters, more than {MostCharacters >> 20} million. Put data into files of its own.");
        var open = new Stack<(string? Anchor, long Before)>();
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var values = 0L;
        try
        {
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
                var at = parser.Current!;
                switch (at)
                {
                    case MappingStart or SequenceStart:
                        open.Push((Anchor(at), values++));
                        if (open.Count > MostDepth)
                            return Place(at, $"The values are nested more than {MostDepth} deep. Remove the brackets, braces or indents too many.");
                        break;
                    case MappingEnd or SequenceEnd:
                        var (anchor, before) = open.Pop();
                        if (anchor is not null) sizes[anchor] = values - before;
                        break;
                    case Scalar:
                        values++;
                        if (Anchor(at) is { } named) sizes[named] = 1;
                        break;
                    case AnchorAlias alias:
                        var name = alias.Value.Value;
                        if (open.Any(o => o.Anchor == name))
                            return Place(at, $"The alias '*{name}' stands inside of what it repeats. Write the value out.");
                        values += sizes.GetValueOrDefault(name, 1);
                        break;
                }

                if (values > MostValues) return Place(at,
                    $"The file has more than {MostValues} values, aliases counted as what they repeat. Put data into files of its own.");
            }
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            // Said with its place where the nodes are made.
        }

        return null;
    }

    private static string? Anchor(ParsingEvent at) => at is NodeEvent { Anchor.IsEmpty: false } node ? node.Anchor.Value : null;

    private static (long Line, long Column, string Fact) Place(ParsingEvent at, string fact) => (at.Start.Line, at.Start.Column, fact);
}
