using System.Globalization;
using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Metrics;

/// <summary>Options as text, checked against what the metric declares.</summary>
internal sealed class MetricOptionReader
{
    private readonly MetricEntry metric;
    private readonly IReadOnlyDictionary<string, string> values;

    public MetricOptionReader(MetricEntry metric, IReadOnlyDictionary<string, string> values)
    {
        (this.metric, this.values) = (metric, values);
        var known = metric.Options.Select(o => o.Name).ToArray();
        foreach (var name in values.Keys.Where(name => !known.Contains(name)))
        {
            var nearest = NearestName.Of(name, known) is { } near ? $" Did you mean '{near}'?" : "";
            var fix = known.Length > 0 ? $"Use one of: {string.Join(", ", known)}." : "Leave its options away.";
            throw new ScenarioException($"TITER551 Metric '{metric.Id}' has no option '{name}'.{nearest} {fix}");
        }
    }

    public string Text(string name) => values.TryGetValue(name, out var value) ? value : Option(name).Default;

    public int Integer(string name, int least, int most) =>
        int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : throw Bad(name, null);

    /// <summary>An enum member in snake case.</summary>
    public T OneOf<T>(string name)
        where T : struct, Enum
    {
        var members = Enum.GetValues<T>().ToDictionary(m => SnakeCase(m.ToString()));
        return members.TryGetValue(Text(name), out var member) ? member : throw Bad(name, NearestName.Of(Text(name), members.Keys));
    }

    public ScenarioException Bad(string name, string? nearest) => new(
        $"TITER552 Option '{name}' of metric '{metric.Id}' cannot be '{Text(name)}'.{(nearest is null ? "" : $" Did you mean '{nearest}'?")} Allowed: {Option(name).Values}.");

    private MetricOption Option(string name) => metric.Options.Single(o => o.Name == name);

    private static string SnakeCase(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
