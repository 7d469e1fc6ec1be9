using System.Globalization;

namespace Titer.Scenarios.Data.Jinja;

/// <summary>Expressions with Jinja's own precedence: a filter binds closer than an operator, a condition least.</summary>
internal sealed class JinjaExpressionParser(JinjaTokens tokens)
{
    /// <summary>Operators, filters and calls in a row make a tree that is as deep.</summary>
    private const int LongestChain = 200;

    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>One expression, or several with commas between them as a list.</summary>
    public JinjaExpression Tuple(bool conditional = true)
    {
        var first = conditional ? Expression() : Or();
        if (!tokens.Is(",")) return first;
        var items = new List<JinjaExpression> { first };
        while (tokens.Take(",")) items.Add(conditional ? Expression() : Or());
        return new ListExpression(items);
    }

    public JinjaExpression Expression() => tokens.Nested(Conditional);

    private JinjaExpression Conditional()
    {
        var value = Or();
        while (tokens.TakeName("if"))
        {
            var condition = Or();
            value = new ConditionalExpression(value, condition, tokens.TakeName("else") ? Expression() : null);
        }

        return value;
    }

    private JinjaExpression Or()
    {
        var left = And();
        for (var links = 0; tokens.TakeName("or"); Count(ref links)) left = new BinaryExpression("or", left, And());
        return left;
    }

    private JinjaExpression And()
    {
        var left = Not();
        for (var links = 0; tokens.TakeName("and"); Count(ref links)) left = new BinaryExpression("and", left, Not());
        return left;
    }

    private JinjaExpression Not() => tokens.TakeName("not") ? new UnaryExpression("not", tokens.Nested(Not)) : Comparison();

    private JinjaExpression Comparison()
    {
        var left = Sum();
        JinjaExpression? all = null;
        for (var links = 0; Operator() is { } op; Count(ref links))
        {
            var right = Sum();
            JinjaExpression one = op == "not in"
                ? new UnaryExpression("not", new BinaryExpression("in", left, right))
                : new BinaryExpression(op, left, right);
            // a < b < c, as in Python.
            all = all is null ? one : new BinaryExpression("and", all, one);
            left = right;
        }

        return all ?? left;

        string? Operator()
        {
            if (tokens.Current.Kind == JinjaTokenKind.Symbol && Comparisons.Contains(tokens.Current.Text)) return tokens.Next().Text;
            if (tokens.TakeName("in")) return "in";
            if (!tokens.IsName("not") || tokens.Peek(1) != new JinjaToken(JinjaTokenKind.Name, "in")) return null;
            tokens.Next();
            tokens.Next();
            return "not in";
        }
    }

    private JinjaExpression Sum() => Chain(() => Chain(() => Chain(() => Chain(() => Unary(true), "**"), "*", "/", "//", "%"), "~"), "+", "-");

    private JinjaExpression Chain(Func<JinjaExpression> operand, params string[] operators)
    {
        var left = operand();
        for (var links = 0; tokens.Current.Kind == JinjaTokenKind.Symbol && operators.Contains(tokens.Current.Text); Count(ref links))
            left = new BinaryExpression(tokens.Next().Text, left, operand());
        return left;
    }

    private JinjaExpression Unary(bool withFilter)
    {
        JinjaExpression value = tokens.Take("-")
            ? new UnaryExpression("-", tokens.Nested(() => Unary(false)))
            : tokens.Take("+") ? tokens.Nested(() => Unary(false)) : Postfix(Primary());
        return withFilter ? Filters(value) : value;
    }

    private static void Count(ref int links)
    {
        if (++links > LongestChain) throw new JinjaException("is nested too deeply");
    }

    private JinjaExpression Filters(JinjaExpression value)
    {
        for (var links = 0; ; Count(ref links))
        {
            if (tokens.Take("|"))
            {
                var name = tokens.Name();
                value = new FilterExpression(value, name, tokens.Take("(") ? Arguments() : JinjaArguments.None);
            }
            else if (tokens.TakeName("is"))
            {
                var isNot = tokens.TakeName("not");
                var test = tokens.Current.Kind == JinjaTokenKind.Symbol && Comparisons.Contains(tokens.Current.Text)
                    ? tokens.Next().Text
                    : tokens.Name();
                var arguments = tokens.Take("(") ? Arguments() : IsArgument() ? new JinjaArguments([Postfix(Primary())], []) : JinjaArguments.None;
                value = new TestExpression(value, test, arguments);
                if (isNot) value = new UnaryExpression("not", value);
            }
            else
            {
                return value;
            }
        }
    }

    private bool IsArgument() => tokens.Current.Kind switch
    {
        JinjaTokenKind.Quoted or JinjaTokenKind.Whole or JinjaTokenKind.Decimal => true,
        JinjaTokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"),
        JinjaTokenKind.Symbol => tokens.Current.Text is "[" or "{",
        _ => false,
    };

    private JinjaExpression Postfix(JinjaExpression value)
    {
        for (var links = 0; ; Count(ref links))
        {
            if (tokens.Take(".")) value = tokens.Current.Kind == JinjaTokenKind.Whole
                ? new IndexExpression(value, Primary())
                : new MemberExpression(value, tokens.Name());
            else if (tokens.Take("[")) value = Subscript(value);
            else if (tokens.Take("(")) value = new CallExpression(value, Arguments());
            else return value;
        }
    }

    private JinjaExpression Subscript(JinjaExpression target)
    {
        var parts = new List<JinjaExpression?> { null };
        while (!tokens.Take("]"))
        {
            if (tokens.Take(":")) parts.Add(null);
            else parts[^1] = Expression();
        }

        return parts.Count switch
        {
            1 => new IndexExpression(target, parts[0] ?? throw new JinjaException("has an empty index")),
            2 => new SliceExpression(target, parts[0], parts[1], null),
            3 => new SliceExpression(target, parts[0], parts[1], parts[2]),
            _ => throw new JinjaException("has a slice of more than three parts"),
        };
    }

    /// <summary>After the opening parenthesis.</summary>
    private JinjaArguments Arguments()
    {
        var (positional, named) = (new List<JinjaExpression>(), new List<(string, JinjaExpression)>());
        while (!tokens.Take(")"))
        {
            if (positional.Count + named.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Take(")")) break;
            }

            if (tokens.Current.Kind == JinjaTokenKind.Name && tokens.Peek(1) == new JinjaToken(JinjaTokenKind.Symbol, "="))
            {
                var name = tokens.Name();
                tokens.Next();
                named.Add((name, Expression()));
            }
            else
            {
                positional.Add(Expression());
            }
        }

        return new JinjaArguments(positional, named);
    }

    private JinjaExpression Primary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case JinjaTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new LiteralExpression(true),
                    "false" or "False" => new LiteralExpression(false),
                    "none" or "None" => new LiteralExpression(null),
                    _ => new NameExpression(token.Text),
                };
            case JinjaTokenKind.Quoted:
                var text = token.Text;
                while (tokens.Current.Kind == JinjaTokenKind.Quoted) text += tokens.Next().Text;
                return new LiteralExpression(MarkedText.Of(text));
            case JinjaTokenKind.Whole when long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole):
                return new LiteralExpression(whole);
            case JinjaTokenKind.Decimal:
                return new LiteralExpression(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case JinjaTokenKind.Symbol when token.Text == "(":
                if (tokens.Take(")")) return new ListExpression([]);
                var inner = Expression();
                if (!tokens.Is(",")) { tokens.Expect(")"); return inner; }
                return new ListExpression([inner, .. Items(")", afterFirst: true)]);
            case JinjaTokenKind.Symbol when token.Text == "[":
                return new ListExpression(Items("]", afterFirst: false));
            case JinjaTokenKind.Symbol when token.Text == "{":
                return Map();
            default:
                throw new JinjaException(
                    $"has {(token.Kind is JinjaTokenKind.Symbol ? $"'{token.Text}'" : "the end of a tag")} where a value was expected");
        }
    }

    private List<JinjaExpression> Items(string close, bool afterFirst)
    {
        var items = new List<JinjaExpression>();
        while (!tokens.Take(close))
        {
            if (items.Count > 0 || afterFirst)
            {
                tokens.Expect(",");
                if (tokens.Take(close)) break;
            }

            items.Add(Expression());
        }

        return items;
    }

    private MapExpression Map()
    {
        var entries = new List<(JinjaExpression, JinjaExpression)>();
        while (!tokens.Take("}"))
        {
            if (entries.Count > 0)
            {
                tokens.Expect(",");
                if (tokens.Take("}")) break;
            }

            var key = Expression();
            tokens.Expect(":");
            entries.Add((key, Expression()));
        }

        return new MapExpression(entries);
    }
}
