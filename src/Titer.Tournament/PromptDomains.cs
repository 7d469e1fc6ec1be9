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

    /// <summary>How many prompts a domain has.</summary>
    public int Prompts(int domain) => _columns[domain].Length;

    /// <summary>Means of <see cref="HarmAt"/> by domain.</summary>
    public double[] MeansAt(Checkpoint checkpoint)
    {
        var means = new double[_columns.Length];
        var prompts = checkpoint.Harm.Count == 0 ? 0 : checkpoint.Harm[0].Count;
        var counted = prompts <= CountedHarm.MostOnStack ? stackalloc double[prompts] : new double[prompts];
        for (var t = 0; t < checkpoint.Harm.Count; t++)
        {
            CountedHarm.Of(checkpoint.Harm, checkpoint.HarmCoherence, t, counted);
            for (var d = 0; d < means.Length; d++)
            {
                var mean = CountedHarm.Mean(counted, _columns[d]);
                if (t == 0 || mean > means[d]) means[d] = mean;
            }
        }

        return means;
    }

    /// <summary>[prompt] of a domain: what counts, under the domain's own worst template.</summary>
    public double[] HarmAt(Checkpoint checkpoint, int domain) => CountedHarm.Worst(checkpoint.Harm, checkpoint.HarmCoherence, _columns[domain]);

    private static string NameOf(string prompt)
    {
        var parts = prompt.Split('/');
        return parts.Length < 2 ? "" : string.Join('/', parts[..^Math.Min(2, parts.Length - 1)]);
    }
}
