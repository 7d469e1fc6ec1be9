namespace Titer.Cli.Terminal;

/// <summary>
/// Names that fit into a table: what is longer is its beginning and a number, and the legend says what it stands for. A label with a sweep's
/// settings would else be broken into columns of single letters.
/// </summary>
internal sealed class ShortNames
{
    private const int KeptCharacters = 14;

    private readonly Dictionary<string, string> _short = new(StringComparer.Ordinal);

    /// <param name="labels">Unique, in the order of the tables.</param>
    /// <param name="mostCharacters">Of a name that may stay as it is.</param>
    public ShortNames(IEnumerable<string> labels, int mostCharacters)
    {
        foreach (var label in labels.Distinct(StringComparer.Ordinal))
        {
            var id = label.Split('[', '@', ' ')[0];
            _short[label] = label.Length <= mostCharacters
                ? label
                : $"{(id.Length <= KeptCharacters ? id : id[..KeptCharacters])}#{_short.Count + 1}";
        }
    }

    public string Of(string label) => _short.GetValueOrDefault(label, label);

    /// <summary>One line per shortened name.</summary>
    public IEnumerable<string> Legend() => _short.Where(n => n.Key != n.Value).Select(n => $"  {n.Value} = {n.Key}");
}
