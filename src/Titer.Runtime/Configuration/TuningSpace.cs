using System.Globalization;
using Titer.Plugins;
using Titer.Tournament;

namespace Titer.Runtime.Configuration;

/// <summary>
/// What of a defense is tuned: what <c>--over</c> names, or every number with a default above zero, a decade either way. Counts (steps, batches,
/// layers) stay as published unless they are named: they are the defender's budget.
/// </summary>
internal static class TuningSpace
{
    /// <summary>Decades on either side of the published value.</summary>
    private const double Decades = 1;

    /// <param name="over"><c>option=from..to</c> or <c>option=value,value</c>.</param>
    /// <exception cref="ConfigurationException">TITER648.</exception>
    public static IReadOnlyList<SearchDimension> Of(PluginManifest manifest, IReadOnlyList<string> over)
    {
        SearchDimension[] space = over.Count > 0 ? [.. over.Select(text => Named(manifest, text))] : [.. Default(manifest)];
        if (space.Length == 0)
            throw Problem($"'{manifest.Id}' has no number to tune by itself.", $"Name options with --over; it has: {Names(manifest)}.");
        if (space.GroupBy(d => d.Option).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw Problem($"--over names '{twice}' twice.", "Name each option once.");
        return [.. space.OrderBy(d => d.Option, StringComparer.Ordinal)];
    }

    private static IEnumerable<SearchDimension> Default(PluginManifest manifest) =>
        from field in manifest.Options.Fields
        where field.Type == OptionType.Number
        let published = double.Parse(field.Default, CultureInfo.InvariantCulture)
        where published > 0
        let reach = Math.Pow(10, Decades)
        let low = Math.Max(published / reach, field.Minimum ?? 0)
        let high = Math.Min(published * reach, field.Maximum ?? double.MaxValue)
        where low > 0 && low < high
        select new SearchDimension(field.Name, field.Default) { From = Number(low), To = Number(high) };

    private static SearchDimension Named(PluginManifest manifest, string text)
    {
        if (text.Split('=', 2) is not [var name, { Length: > 0 } values])
            throw Problem($"--over '{text}' names no values.", "Write option=from..to for a range, or option=value,value.");
        if (manifest.Options.Fields.FirstOrDefault(f => f.Name == name) is not { } field)
            throw Problem($"'{manifest.Id}' has no option '{name}'.", $"It has: {Names(manifest)}.");
        if (values.Split("..", 2) is not [var low, var high])
            return new SearchDimension(name, field.Default) { Values = [.. values.Split(',').Select(v => Canonical(manifest, name, v))] };
        var (from, to) = (Canonical(manifest, name, low), Canonical(manifest, name, high));
        var isNumber = field.Type is OptionType.Number or OptionType.WholeNumber or OptionType.LongWholeNumber;
        if (!isNumber || !(Value(from) > 0) || !(Value(from) < Value(to)))
            throw Problem($"--over '{text}' is no range.",
                "Both ends are numbers above zero, the lower one first; or list values: option=value,value.");
        // The search stays near the best, and the published value is where it begins.
        return new SearchDimension(name, Value(field.Default) > 0 ? field.Default : from)
        {
            From = from, To = to, IsWhole = field.Type != OptionType.Number,
        };
    }

    private static double Value(string number) => double.Parse(number, CultureInfo.InvariantCulture);

    private static string Canonical(PluginManifest manifest, string name, string value) =>
        manifest.Options.TryCanonicalize(name, value.Trim(), out var canonical, out var problem)
            ? canonical
            : throw new ConfigurationException($"{problem.Code} {manifest.Id}: {problem.Fact} {problem.Fix}");

    private static string Names(PluginManifest manifest) => string.Join(", ", manifest.Options.Fields.Select(f => f.Name));

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static ConfigurationException Problem(string fact, string fix) => new($"TITER648 {fact} {fix}");
}
