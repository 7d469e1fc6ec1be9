using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Titer.Files;

namespace Titer.Runtime.Seasons;

/// <summary>What an operator promised when a season opened, and tells nobody before it closes.</summary>
/// <param name="Label"><c>hidden-1</c>, <c>hidden-2</c>, ...; <c>seeds</c>.</param>
/// <param name="Sha256">Of the canonical JSON of what is revealed later, a random salt among it.</param>
internal sealed record SeasonCommitment(string Label, string Sha256);

/// <summary>What was promised: an attack by the hashes of its package and its files, and a secret
/// that the operator's seeds are drawn from; or, under
/// the label <c>seeds</c>, such a secret alone.</summary>
/// <param name="Id">Of the attack; empty for none.</param>
/// <param name="Seed">32 random bytes, in hexadecimal.</param>
/// <param name="Salt">32 random bytes: without it a hash of a package that somebody has could be recognized.</param>
internal sealed record SeasonReveal(string Label, string Id, string ContentSha256, string PackageSha256, string Seed, string Salt)
{
    public const string SeedsLabel = "seeds";

    public static SeasonReveal New(string label, string id = "", string contentSha256 = "", string packageSha256 = "") =>
        new(label, id, contentSha256, packageSha256, Secret(), Secret());

    /// <param name="season">Its name: a promise of one season is none of another.</param>
    public SeasonCommitment Commit(string season) => new(Label, CanonicalJson.HashOf(new JsonObject
    {
        ["season"] = season, ["label"] = Label, ["id"] = Id, ["content_sha256"] = ContentSha256, ["package_sha256"] = PackageSha256, ["seed"] = Seed,
        ["salt"] = Salt,
    }));

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}

/// <summary>The end of submissions.</summary>
/// <param name="Entries">Who stands in the season, as <c>id content-hash</c>, in ordinal order.</param>
/// <param name="Seeds">The operator's, drawn of those and of what was promised: nobody could know or choose them before.</param>
internal sealed record SeasonSeal(DateTimeOffset At, IReadOnlyList<string> Entries, IReadOnlyList<int> Seeds)
{
    /// <summary>SHA-256 over the promised secrets, the entries and a count, as often as it takes.</summary>
    /// <param name="taken">Seeds of the season already.</param>
    public static IReadOnlyList<int> Draw(IEnumerable<SeasonReveal> secrets, IReadOnlyList<string> entries, int count, IReadOnlyList<int> taken)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(entries);
        string[] from = [.. secrets.Select(s => s.Seed).Order(StringComparer.Ordinal)];
        var drawn = new List<int>();
        for (var i = 0; drawn.Count < count; i++)
        {
            var hash = CanonicalJson.HashOf(new JsonObject
            {
                ["secrets"] = new JsonArray([.. from.Select(JsonNode? (s) => s)]),
                ["entries"] = new JsonArray([.. entries.Select(JsonNode? (e) => e)]),
                ["count"] = i,
            });
            var seed = int.Parse(hash[..7], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (!taken.Contains(seed) && !drawn.Contains(seed)) drawn.Add(seed);
        }

        return drawn;
    }
}
