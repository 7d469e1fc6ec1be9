namespace Titer.Scenarios.Data.Jinja;

/// <summary>One rendering: statements, and the variables that they see.</summary>
internal sealed class JinjaRun
{
    /// <summary>A conversation takes a few thousand; more would be a loop that never ends in practice.</summary>
    private const int MostSteps = 2_000_000;

    private const int DeepestCalls = 50;
    private readonly Stack<Dictionary<string, object?>> _scopes = new();
    private readonly JinjaEvaluator _evaluator;
    private readonly List<MarkedText> _output = [];
    private int _steps;
    private int _calls;

    public JinjaRun(IReadOnlyDictionary<string, object?> variables)
    {
        _evaluator = new JinjaEvaluator(Lookup, cost => Step(cost));
        _scopes.Push(new Dictionary<string, object?>(variables, StringComparer.Ordinal));
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public MarkedText Render(IReadOnlyList<JinjaNode> nodes)
    {
        Run(nodes);
        return MarkedText.Concat(_output);
    }

    private void Step(int cost = 1)
    {
        if ((_steps += cost) > MostSteps) throw new JinjaException("takes too many steps");
    }

    private object? Lookup(string name)
    {
        foreach (var scope in _scopes)
            if (scope.TryGetValue(name, out var value)) return value;
        return JinjaGlobals.Find(name) ?? (object)new Undefined(name);
    }

    private Flow Run(IReadOnlyList<JinjaNode> nodes)
    {
        foreach (var node in nodes)
        {
            Step();
            var flow = Run(node);
            if (flow != Flow.Next) return flow;
        }

        return Flow.Next;
    }

    private Flow Run(JinjaNode node)
    {
        switch (node)
        {
            case TextNode text:
                _output.Add(text.Text);
                return Flow.Next;
            case OutputNode output:
                _output.Add(JinjaValues.Print(_evaluator.Value(output.Value)));
                return Flow.Next;
            case IfNode branch:
                var taken = branch.Branches.FirstOrDefault(b => JinjaValues.IsTrue(_evaluator.Value(b.Condition)));
                return Run(taken.Body ?? branch.Otherwise);
            case ForNode loop:
                return For(loop);
            case SetNode set:
                Set(set);
                return Flow.Next;
            case SetBlockNode block:
                _scopes.Peek()[block.Target] = Captured(block.Body);
                return Flow.Next;
            case MacroNode macro:
                _scopes.Peek()[macro.Name] = Macro(macro);
                return Flow.Next;
            case BodyNode body:
                return Run(body.Body);
            default:
                return node is BreakNode ? Flow.Break : Flow.Continue;
        }
    }

    private Flow For(ForNode loop)
    {
        var items = JinjaValues.Items(_evaluator.Value(loop.List)).ToList();
        if (loop.Filter is { } filter)
            items = [.. items.Where(item => In(Bound(loop.Targets, item), () => JinjaValues.IsTrue(_evaluator.Value(filter))))];
        if (items.Count == 0) return Run(loop.Otherwise);
        for (var i = 0; i < items.Count; i++)
        {
            Step();
            var scope = Bound(loop.Targets, items[i]);
            scope["loop"] = new JinjaMap
            {
                ["index"] = (long)i + 1,
                ["index0"] = (long)i,
                ["revindex"] = (long)(items.Count - i),
                ["revindex0"] = (long)(items.Count - i - 1),
                ["first"] = i == 0,
                ["last"] = i == items.Count - 1,
                ["length"] = (long)items.Count,
                ["previtem"] = i == 0 ? new Undefined("loop.previtem") : items[i - 1],
                ["nextitem"] = i == items.Count - 1 ? new Undefined("loop.nextitem") : items[i + 1],
            };
            if (In(scope, () => Run(loop.Body)) == Flow.Break) break;
        }

        return Flow.Next;
    }

    private static Dictionary<string, object?> Bound(IReadOnlyList<string> targets, object? item)
    {
        if (targets.Count == 1) return new Dictionary<string, object?>(StringComparer.Ordinal) { [targets[0]] = item };
        var parts = JinjaValues.Items(item);
        return parts.Count == targets.Count
            ? new Dictionary<string, object?>(targets.Zip(parts, KeyValuePair.Create), StringComparer.Ordinal)
            : throw new JinjaException($"takes {targets.Count} values out of {parts.Count}");
    }

    private void Set(SetNode set)
    {
        var value = _evaluator.Value(set.Value);
        if (set.Member is { } member)
        {
            if (Lookup(set.Targets[0]) is not JinjaMap { IsNamespace: true } space)
                throw new JinjaException($"sets '{set.Targets[0]}.{member}', and '{set.Targets[0]}' is no namespace");
            space[member] = value;
            return;
        }

        foreach (var (name, part) in Bound(set.Targets, value)) _scopes.Peek()[name] = part;
    }

    private MarkedText Captured(IReadOnlyList<JinjaNode> body)
    {
        var start = _output.Count;
        Run(body);
        var text = MarkedText.Concat(_output.Skip(start));
        _output.RemoveRange(start, _output.Count - start);
        return text;
    }

    private JinjaFunction Macro(MacroNode macro) => (positional, named) =>
    {
        if (++_calls > DeepestCalls) throw new JinjaException($"calls the macro '{macro.Name}' inside itself too often");
        if (positional.Count > macro.Parameters.Count || named.Keys.FirstOrDefault(name => macro.Parameters.All(p => p.Name != name)) is not null)
            throw new JinjaException($"gives the macro '{macro.Name}' more than it takes");
        var scope = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < macro.Parameters.Count; i++)
        {
            var (name, otherwise) = macro.Parameters[i];
            scope[name] = i < positional.Count
                ? positional[i]
                : named.TryGetValue(name, out var given) ? given : otherwise is null ? new Undefined(name) : _evaluator.Value(otherwise);
        }

        var text = In(scope, () => Captured(macro.Body));
        _calls--;
        return text;
    };

    private T In<T>(Dictionary<string, object?> scope, Func<T> run)
    {
        _scopes.Push(scope);
        try
        {
            return run();
        }
        finally
        {
            _scopes.Pop();
        }
    }
}
