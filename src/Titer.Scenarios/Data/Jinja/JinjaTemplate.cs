namespace Titer.Scenarios.Data.Jinja;

/// <summary>
/// A chat template in the subset of Jinja that chat templates use, rendered as Transformers renders it.
/// Whatever is not known is refused by its name; nothing is
/// skipped or guessed. There is no well-kept Jinja for .NET that would also tell where each character is from.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly IReadOnlyList<JinjaNode> _nodes;

    private JinjaTemplate(IReadOnlyList<JinjaNode> nodes) => _nodes = nodes;

    /// <exception cref="JinjaException">Something that is not known.</exception>
    public static JinjaTemplate Parse(string template) => new(JinjaParser.Parse(template));

    /// <exception cref="JinjaException">Something that is not known, or the template refuses what it is given.</exception>
    public MarkedText Render(IReadOnlyDictionary<string, object?> variables)
    {
        try
        {
            return new JinjaRun(variables).Render(_nodes);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidCastException or OverflowException)
        {
            // A filter, a test or a method was given less than it takes, or something of another kind.
            throw new JinjaException("calls something without what it needs");
        }
    }
}
