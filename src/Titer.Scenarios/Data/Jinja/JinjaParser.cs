namespace Titer.Scenarios.Data.Jinja;

/// <summary>Statements of a template; <see cref="JinjaExpressionParser"/> has the expressions.</summary>
internal sealed class JinjaParser
{
    private readonly JinjaTokens _tokens;
    private readonly JinjaExpressionParser _expressions;

    private JinjaParser(JinjaTokens tokens) => (_tokens, _expressions) = (tokens, new JinjaExpressionParser(tokens));

    /// <exception cref="JinjaException">Something that is not known.</exception>
    public static IReadOnlyList<JinjaNode> Parse(string template)
    {
        var parser = new JinjaParser(new JinjaTokens(JinjaLexer.Tokens(template)));
        var nodes = parser.Body();
        return parser._tokens.Current.Kind == JinjaTokenKind.End
            ? nodes
            : throw new JinjaException($"has the statement '{parser._tokens.Peek(1).Text}' where none is open");
    }

    /// <summary>Up to a statement of that name, which is left for the caller; to the end when none is named.</summary>
    private List<JinjaNode> Body(params string[] until)
    {
        var nodes = new List<JinjaNode>();
        while (true)
        {
            var token = _tokens.Current;
            switch (token.Kind)
            {
                case JinjaTokenKind.Text:
                    _tokens.Next();
                    nodes.Add(new TextNode(MarkedText.Of(token.Text)));
                    break;
                case JinjaTokenKind.OutputStart:
                    _tokens.Next();
                    nodes.Add(new OutputNode(_expressions.Tuple()));
                    _tokens.Expect(JinjaTokenKind.OutputEnd);
                    break;
                case JinjaTokenKind.BlockStart
                    when until.Contains(_tokens.Peek(1).Text) || _tokens.Peek(1).Text.StartsWith("end", StringComparison.Ordinal)
                        || _tokens.Peek(1).Text is "else" or "elif":
                    if (!until.Contains(_tokens.Peek(1).Text) && until.Length > 0)
                        throw new JinjaException($"has the statement '{_tokens.Peek(1).Text}' where {string.Join(" or ", until)} was expected");
                    return nodes;
                case JinjaTokenKind.BlockStart:
                    _tokens.Next();
                    nodes.Add(_tokens.Nested(Statement));
                    break;
                default:
                    return until.Length == 0 ? nodes : throw new JinjaException($"ends without {until[^1]}");
            }
        }
    }

    private JinjaNode Statement()
    {
        var name = _tokens.Name();
        switch (name)
        {
            case "if":
                return If();
            case "for":
                return For();
            case "set":
                return Set();
            case "macro":
                return Macro();
            case "generation":
                _tokens.Expect(JinjaTokenKind.BlockEnd);
                var body = Body("endgeneration");
                Close("endgeneration");
                return new BodyNode(body);
            case "break" or "continue":
                _tokens.Expect(JinjaTokenKind.BlockEnd);
                return name == "break" ? new BreakNode() : new ContinueNode();
            default:
                throw new JinjaException($"has the statement '{name}', which is not known");
        }
    }

    private IfNode If()
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<JinjaNode>)>();
        while (true)
        {
            var condition = _expressions.Expression();
            _tokens.Expect(JinjaTokenKind.BlockEnd);
            branches.Add((condition, Body("elif", "else", "endif")));
            _tokens.Expect(JinjaTokenKind.BlockStart);
            switch (_tokens.Name())
            {
                case "elif":
                    continue;
                case "else":
                    _tokens.Expect(JinjaTokenKind.BlockEnd);
                    var otherwise = Body("endif");
                    Close("endif");
                    return new IfNode(branches, otherwise);
                default:
                    _tokens.Expect(JinjaTokenKind.BlockEnd);
                    return new IfNode(branches, []);
            }
        }
    }

    private ForNode For()
    {
        var targets = Names();
        _tokens.ExpectName("in");
        var list = _expressions.Tuple(conditional: false);
        var filter = _tokens.TakeName("if") ? _expressions.Expression() : null;
        if (_tokens.TakeName("recursive")) throw new JinjaException("has a recursive loop, which is not known");
        _tokens.Expect(JinjaTokenKind.BlockEnd);
        var body = Body("else", "endfor");
        IReadOnlyList<JinjaNode> otherwise = [];
        _tokens.Expect(JinjaTokenKind.BlockStart);
        if (_tokens.Name() == "else")
        {
            _tokens.Expect(JinjaTokenKind.BlockEnd);
            otherwise = Body("endfor");
            Close("endfor");
        }
        else
        {
            _tokens.Expect(JinjaTokenKind.BlockEnd);
        }

        return new ForNode(targets, list, filter, body, otherwise);
    }

    private JinjaNode Set()
    {
        var targets = Names();
        var member = targets.Count == 1 && _tokens.Take(".") ? _tokens.Name() : null;
        if (member is null && targets.Count == 1 && _tokens.Current.Kind == JinjaTokenKind.BlockEnd)
        {
            _tokens.Next();
            var body = Body("endset");
            Close("endset");
            return new SetBlockNode(targets[0], body);
        }

        _tokens.Expect("=");
        var value = _expressions.Tuple();
        _tokens.Expect(JinjaTokenKind.BlockEnd);
        return new SetNode(targets, member, value);
    }

    private MacroNode Macro()
    {
        var name = _tokens.Name();
        var parameters = new List<(string, JinjaExpression?)>();
        _tokens.Expect("(");
        while (!_tokens.Take(")"))
        {
            if (parameters.Count > 0) _tokens.Expect(",");
            parameters.Add((_tokens.Name(), _tokens.Take("=") ? _expressions.Expression() : null));
        }

        _tokens.Expect(JinjaTokenKind.BlockEnd);
        var body = Body("endmacro");
        Close("endmacro");
        return new MacroNode(name, parameters, body);
    }

    private List<string> Names()
    {
        var inParentheses = _tokens.Take("(");
        var names = new List<string> { _tokens.Name() };
        while (_tokens.Take(",")) names.Add(_tokens.Name());
        if (inParentheses) _tokens.Expect(")");
        return names;
    }

    private void Close(string name)
    {
        _tokens.Expect(JinjaTokenKind.BlockStart);
        _tokens.ExpectName(name);
        _tokens.Expect(JinjaTokenKind.BlockEnd);
    }
}
