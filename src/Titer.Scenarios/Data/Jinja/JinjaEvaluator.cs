namespace Titer.Scenarios.Data.Jinja;

/// <summary>Values of expressions.</summary>
/// <param name="lookup">A variable, or <see cref="Undefined"/>.</param>
/// <param name="step">Counts what is done.</param>
internal sealed class JinjaEvaluator(Func<string, object?> lookup, Action<int> step)
{
    /// <summary>Whatever is done with a value takes as long as it is large, and so does keeping it: both are steps.</summary>
    private const int CharactersPerStep = 32;

    public object? Value(JinjaExpression expression)
    {
        var value = Of(expression);
        step(value switch
        {
            MarkedText text => 1 + text.Length / CharactersPerStep,
            List<object?> list => 1 + list.Count,
            JinjaMap map => 1 + map.Count,
            _ => 1,
        });
        return value;
    }

    private object? Of(JinjaExpression expression)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return literal.Value;
            case NameExpression name:
                return lookup(name.Name);
            case ListExpression list:
                return list.Items.Select(Value).ToList();
            case MapExpression map:
                var entries = new JinjaMap();
                foreach (var (key, value) in map.Entries) entries[JinjaValues.Text(Value(key), "a key").Text] = Value(value);
                return entries;
            case MemberExpression member:
                return Member(Value(member.Target), member.Name);
            case IndexExpression index:
                return Index(Value(index.Target), Value(index.Index));
            case SliceExpression slice:
                return Slice(slice);
            case CallExpression call:
                return Call(call);
            case FilterExpression filter:
                return JinjaFilters.Apply(filter.Name, Value(filter.Target), Positional(filter.Arguments), Named(filter.Arguments));
            case TestExpression test:
                return JinjaTests.Holds(test.Name, Value(test.Target), Positional(test.Arguments));
            case UnaryExpression unary:
                var operand = Value(unary.Operand);
                if (unary.Operator == "not") return !JinjaValues.IsTrue(operand);
                if (operand is double number) return -number;
                return -JinjaValues.Whole(operand, "a minus sign in front");
            case ConditionalExpression conditional:
                if (JinjaValues.IsTrue(Value(conditional.Condition))) return Value(conditional.Value);
                return conditional.Otherwise is { } otherwise ? Value(otherwise) : new Undefined("the value of a condition without else");
            default:
                return Binary((BinaryExpression)expression);
        }
    }

    private List<object?> Positional(JinjaArguments arguments) => [.. arguments.Positional.Select(Value)];

    private Dictionary<string, object?> Named(JinjaArguments arguments) =>
        arguments.Named.ToDictionary(a => a.Name, a => Value(a.Value), StringComparer.Ordinal);

    private object? Binary(BinaryExpression binary)
    {
        var left = Value(binary.Left);
        switch (binary.Operator)
        {
            // Both give the value itself, as Python does.
            case "or":
                return JinjaValues.IsTrue(left) ? left : Value(binary.Right);
            case "and":
                return JinjaValues.IsTrue(left) ? Value(binary.Right) : left;
        }

        var right = Value(binary.Right);
        return binary.Operator switch
        {
            "==" => JinjaValues.Equals(left, right),
            "!=" => !JinjaValues.Equals(left, right),
            "<" => JinjaValues.Compare(left, right) < 0,
            "<=" => JinjaValues.Compare(left, right) <= 0,
            ">" => JinjaValues.Compare(left, right) > 0,
            ">=" => JinjaValues.Compare(left, right) >= 0,
            "in" => JinjaValues.Contains(right, left),
            "~" => JinjaValues.Print(left) + JinjaValues.Print(right),
            "+" => (left, right) switch
            {
                (MarkedText a, MarkedText b) => a + b,
                (List<object?> a, List<object?> b) => (List<object?>)[.. a, .. b],
                _ => Arithmetic("+", left, right),
            },
            "*" when left is MarkedText text && right is long times => MarkedText.Concat(Enumerable.Repeat(text, (int)Math.Clamp(times, 0, 10_000))),
            _ => Arithmetic(binary.Operator, left, right),
        };
    }

    private static object Arithmetic(string op, object? left, object? right)
    {
        if (JinjaValues.Number(left) is not { } a || JinjaValues.Number(right) is not { } b)
            throw new JinjaException($"has '{op}' between a {JinjaValues.Named(left)} and a {JinjaValues.Named(right)}");
        if (op is "/" or "//" or "%" && b == 0) throw new JinjaException("divides by zero");
        if (op == "/") return a / b;
        var result = op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "//" => Math.Floor(a / b),
            // The sign of the divisor, as in Python.
            "%" => a - b * Math.Floor(a / b),
            _ => throw new JinjaException($"has the operator '{op}', which is not known"),
        };
        if (left is double || right is double) return result;
        object whole = (long)result;
        return whole;
    }

    private object? Call(CallExpression call)
    {
        var (positional, named) = (Positional(call.Arguments), Named(call.Arguments));
        if (call.Target is MemberExpression method)
        {
            var target = Value(method.Target);
            if (target is not JinjaMap { } map || !map.TryGetValue(method.Name, out var member) || member is not JinjaFunction)
                return JinjaMethods.Call(target, method.Name, positional, named);
        }

        return Value(call.Target) switch
        {
            JinjaFunction function => function(positional, named),
            Undefined undefined => throw new JinjaException($"calls '{undefined.Name}', which is not known"),
            var other => throw new JinjaException($"calls a {JinjaValues.Named(other)}"),
        };
    }

    private static object? Member(object? target, string name) => target switch
    {
        JinjaMap map => map.TryGetValue(name, out var value) ? value : new Undefined(name),
        Undefined undefined => throw new JinjaException($"asks for '{name}' of '{undefined.Name}', which is not there"),
        _ => new Undefined(name),
    };

    private static object? Index(object? target, object? index)
    {
        switch (target, index)
        {
            case (JinjaMap, MarkedText name):
                return target is JinjaMap map && map.TryGetValue(name.Text, out var found) ? found : new Undefined(name.Printed);
            case (Undefined undefined, _):
                throw new JinjaException($"asks for a part of '{undefined.Name}', which is not there");
            case (List<object?> or MarkedText, long or bool):
                var items = JinjaValues.Items(target);
                var at = JinjaValues.Whole(index, "an index");
                if (at < 0) at += items.Count;
                return at >= 0 && at < items.Count ? items[(int)at] : new Undefined("a part past the end");
            default:
                return new Undefined("a part");
        }
    }

    private object? Slice(SliceExpression slice)
    {
        var target = Value(slice.Target);
        var items = JinjaValues.Items(target);
        long? Bound(JinjaExpression? bound) => bound is null || Value(bound) is not { } value ? null : JinjaValues.Whole(value, "a slice");
        var step = Bound(slice.Step) ?? 1;
        if (step == 0) throw new JinjaException("has a slice with the step 0");
        long Clamped(long? value, long absent) =>
            value is not { } at ? absent : Math.Clamp(at < 0 ? at + items.Count : at, step > 0 ? 0 : -1, step > 0 ? items.Count : items.Count - 1);
        var (start, stop) = (Clamped(Bound(slice.Start), step > 0 ? 0 : items.Count - 1), Clamped(Bound(slice.Stop), step > 0 ? items.Count : -1));
        var kept = new List<object?>();
        for (var i = start; step > 0 ? i < stop : i > stop; i += step) kept.Add(items[(int)i]);
        return target is MarkedText ? MarkedText.Concat(kept.Cast<MarkedText>()) : kept;
    }
}
