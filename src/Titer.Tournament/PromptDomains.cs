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

    /// <summary>Means of what counts by domain, each under its own worst template.</summary>
    public double[] MeansAt(Checkpoint checkpoint)
    {
        var means = new double[_columns.Length];
        Read(checkpoint, means, new int[means.Length + 1]);
        return means;
    }

    /// <summary>What the harm of a point comes to.</summary>
    /// <param name="means">By domain, as <see cref="MeansAt"/>.</param>
    /// <param name="templates">The worst template of each domain, and behind them that of all prompts; of equal ones the first.</param>
    public void Read(Checkpoint checkpoint, Span<double> means, Span<int> templates)
    {
        var (prompts, highest) = (checkpoint.Harm.Count == 0 ? 0 : checkpoint.Harm[0].Count, double.NaN);
        var counted = prompts <= CountedHarm.MostOnStack ? stackalloc double[prompts] : new double[prompts];
        for (var t = 0; t < checkpoint.Harm.Count; t++)
        {
            CountedHarm.Of(checkpoint.Harm, checkpoint.HarmCoherence, t, counted);
            var whole = CountedHarm.Mean(counted);
            if (t == 0 || whole > highest) (highest, templates[^1]) = (whole, t);
            for (var d = 0; d < means.Length; d++)
            {
                var mean = CountedHarm.Mean(counted, _columns[d]);
                if (t == 0 || mean > means[d]) (means[d], templates[d]) = (mean, t);
            }
        }
    }

    /// <summary>[prompt] of a domain: what counts under a template.</summary>
    public double[] HarmAt(Checkpoint checkpoint, int domain, int template)
    {
        var counted = CountedHarm.Of(checkpoint.Harm, checkpoint.HarmCoherence, template);
        return Array.ConvertAll(_columns[domain], p => counted[p]);
    }

    private static string NameOf(string prompt)
    {
        var parts = prompt.Split('/');
        return parts.Length < 2 ? "" : string.Join('/', parts[..^Math.Min(2, parts.Length - 1)]);
    }
}
