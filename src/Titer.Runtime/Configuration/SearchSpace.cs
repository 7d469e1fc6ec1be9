using System.Globalization;
using Titer.Plugins;

namespace Titer.Runtime.Configuration;

/// <summary>
/// What a search looks at when the file does not say: options by the names that the field gives them, as far as the attack has them. Sources:
/// TamperBench (arXiv 2602.06911) for rates, batches, schedules and ranks; warmup with cosine decay is what broke TAR (arXiv 2412.07097).
/// </summary>
internal static class SearchSpace
{
    /// <summary>Tries on every defense and exposure.</summary>
    public const int Tries = 6;

    /// <summary>Of the embedded tournament's attackers: it must end within minutes.</summary>
    private const int DefaultTournamentTries = 3;

    /// <summary>Decades on either side of the attack's own rate.</summary>
    private const double Decades = 2;

    private static readonly (string Option, string[] Values)[] Choices =
    [
        ("batch_size", ["4", "8"]),
        ("optimizer", ["AdamW", "Lion"]),
        ("rank", ["8", "32", "64"]),
        ("schedule", ["Constant", "Cosine"]),
        ("warmup_ratio", ["0", "0.1"]),
    ];

    /// <summary>The attacks of the embedded tournament that train on harmful data search; null for the others.</summary>
    public static SearchEntry? OfDefaultTournament(PluginManifest manifest) =>
        manifest.Kind == PluginKind.Attack && manifest.TrainsOn == Sdk.TrainingData.Harmful
        && Of(manifest, manifest.Options.Resolve(new Dictionary<string, string>())).Count > 0
            ? new SearchEntry(Placed("search")) { Tries = DefaultTournamentTries }
            : null;

    /// <param name="settings">The attack's own, defaults included.</param>
    public static IReadOnlyDictionary<string, SearchedOption> Of(PluginManifest manifest, IReadOnlyDictionary<string, string> settings)
    {
        var over = new Dictionary<string, SearchedOption>();
        foreach (var field in manifest.Options.Fields)
        {
            if (field.Name == "learning_rate" && double.Parse(settings[field.Name], CultureInfo.InvariantCulture) is > 0 and var rate)
            {
                var reach = Math.Pow(10, Decades);
                over[field.Name] = new SearchedOption([])
                {
                    From = Placed(Number(Math.Max(rate / reach, field.Minimum ?? 0))),
                    To = Placed(Number(Math.Min(rate * reach, field.Maximum ?? double.MaxValue))),
                };
            }
            else if (Choices.FirstOrDefault(c => c.Option == field.Name) is { Values: { } values })
            {
                var possible = values.Where(v => manifest.Options.TryCanonicalize(field.Name, v, out _, out _));
                over[field.Name] = new SearchedOption([.. possible.Select(Placed)]);
            }
        }

        return over.Where(o => o.Value.From is not null || o.Value.Values.Count > 0).ToDictionary();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static Positioned<string> Placed(string text) => new(text, 0, 0);
}
