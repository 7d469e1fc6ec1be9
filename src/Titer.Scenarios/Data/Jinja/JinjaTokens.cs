namespace Titer.Scenarios.Data.Jinja;

/// <summary>A cursor over the tokens of a template.</summary>
internal sealed class JinjaTokens(List<JinjaToken> tokens)
{
    /// <summary>Templates nest a few levels; more than this would be an attack on the stack.</summary>
    private const int DeepestNesting = 60;

    private int _at;
    private int _depth;

    /// <exception cref="JinjaException">Nested too deeply.</exception>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > DeepestNesting) throw new JinjaException("is nested too deeply");
        var value = parse();
        _depth--;
        return value;
    }

    public JinjaToken Current => tokens[_at];

    public JinjaToken Peek(int ahead) => tokens[Math.Min(_at + ahead, tokens.Count - 1)];

    public JinjaToken Next() => tokens[_at < tokens.Count - 1 ? _at++ : _at];

    public bool Is(string symbol) => Current == new JinjaToken(JinjaTokenKind.Symbol, symbol);

    public bool IsName(string name) => Current == new JinjaToken(JinjaTokenKind.Name, name);

    public bool Take(string symbol)
    {
        if (!Is(symbol)) return false;
        _at++;
        return true;
    }

    public bool TakeName(string name)
    {
        if (!IsName(name)) return false;
        _at++;
        return true;
    }

    public string Name() => Current.Kind == JinjaTokenKind.Name ? Next().Text : throw Unexpected("a name");

    public void Expect(string symbol)
    {
        if (!Take(symbol)) throw Unexpected($"'{symbol}'");
    }

    public void ExpectName(string name)
    {
        if (!TakeName(name)) throw Unexpected($"'{name}'");
    }

    public void Expect(JinjaTokenKind kind)
    {
        if (Current.Kind != kind) throw Unexpected(
            kind switch { JinjaTokenKind.BlockEnd => "'%}'", JinjaTokenKind.OutputEnd => "'}}'", JinjaTokenKind.BlockStart => "a statement",
                _ => "the end" });
        _at = Math.Min(_at + 1, tokens.Count - 1);
    }

    public JinjaException Unexpected(string wanted) =>
        new($"has {(Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.Symbol
            ? $"'{Current.Text}'"
            : $"a {Current.Kind.ToString().ToLowerInvariant()}")} where {wanted} was expected");
}
