namespace Titer.Tournament;

/// <summary>The domains of forbidden prompts, which are named <c>domain/item/number</c> or <c>domain/number</c>.</summary>
internal sealed class PromptDomains
{
    private readonly int[][] _columns;

    public PromptDomains(IReadOnlyList<string> prompts)
    {
        Names = [.. prompts.Select(NameOf).Distinct()];
        _columns = [.. Names.Select(name => prompts.Index().Where(p => NameOf(p.Item) == name).Select(p => p.Index).ToArray())];
    }

    /// <summary>In the order of the prompts.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>[domain][prompt]: what counts, each domain under its own worst template.</summary>
    public double[][] HarmAt(Checkpoint checkpoint)
    {
        var counted = CountedHarm.Of(checkpoint.Harm, checkpoint.HarmCoherence);
        return [.. _columns.Select(columns => CountedHarm.Worst([.. counted.Select(template => columns.Select(p => template[p]).ToArray())]))];
    }

    private static string NameOf(string prompt)
    {
        var parts = prompt.Split('/');
        return parts.Length < 2 ? "" : string.Join('/', parts[..^Math.Min(2, parts.Length - 1)]);
    }
}
