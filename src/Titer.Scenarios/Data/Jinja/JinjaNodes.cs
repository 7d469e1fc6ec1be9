namespace Titer.Scenarios.Data.Jinja;

/// <summary>A statement of a template.</summary>
internal abstract record JinjaNode;

internal sealed record TextNode(MarkedText Text) : JinjaNode;

internal sealed record OutputNode(JinjaExpression Value) : JinjaNode;

internal sealed record IfNode(IReadOnlyList<(JinjaExpression Condition, IReadOnlyList<JinjaNode> Body)> Branches, IReadOnlyList<JinjaNode> Otherwise)
    : JinjaNode;

internal sealed record ForNode(IReadOnlyList<string> Targets, JinjaExpression List, JinjaExpression? Filter, IReadOnlyList<JinjaNode> Body,
    IReadOnlyList<JinjaNode> Otherwise) : JinjaNode;

/// <param name="Member">The attribute of a namespace; null for a plain variable.</param>
internal sealed record SetNode(IReadOnlyList<string> Targets, string? Member, JinjaExpression Value) : JinjaNode;

internal sealed record SetBlockNode(string Target, IReadOnlyList<JinjaNode> Body) : JinjaNode;

internal sealed record MacroNode(string Name, IReadOnlyList<(string Name, JinjaExpression? Default)> Parameters, IReadOnlyList<JinjaNode> Body)
    : JinjaNode;

/// <summary>What stands in a block that changes nothing of it (<c>generation</c>).</summary>
internal sealed record BodyNode(IReadOnlyList<JinjaNode> Body) : JinjaNode;

internal sealed record BreakNode : JinjaNode;

internal sealed record ContinueNode : JinjaNode;

/// <summary>An expression of a template.</summary>
internal abstract record JinjaExpression;

internal sealed record LiteralExpression(object? Value) : JinjaExpression;

internal sealed record NameExpression(string Name) : JinjaExpression;

internal sealed record ListExpression(IReadOnlyList<JinjaExpression> Items) : JinjaExpression;

internal sealed record MapExpression(IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> Entries) : JinjaExpression;

internal sealed record MemberExpression(JinjaExpression Target, string Name) : JinjaExpression;

internal sealed record IndexExpression(JinjaExpression Target, JinjaExpression Index) : JinjaExpression;

internal sealed record SliceExpression(JinjaExpression Target, JinjaExpression? Start, JinjaExpression? Stop, JinjaExpression? Step)
    : JinjaExpression;

internal sealed record CallExpression(JinjaExpression Target, JinjaArguments Arguments) : JinjaExpression;

internal sealed record FilterExpression(JinjaExpression Target, string Name, JinjaArguments Arguments) : JinjaExpression;

internal sealed record TestExpression(JinjaExpression Target, string Name, JinjaArguments Arguments) : JinjaExpression;

internal sealed record UnaryExpression(string Operator, JinjaExpression Operand) : JinjaExpression;

internal sealed record BinaryExpression(string Operator, JinjaExpression Left, JinjaExpression Right) : JinjaExpression;

internal sealed record ConditionalExpression(JinjaExpression Value, JinjaExpression Condition, JinjaExpression? Otherwise) : JinjaExpression;

internal sealed record JinjaArguments(IReadOnlyList<JinjaExpression> Positional, IReadOnlyList<(string Name, JinjaExpression Value)> Named)
{
    public static JinjaArguments None { get; } = new([], []);
}
