using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Scenarios;
using Titer.Scenarios.Data;
using Titer.Tournament;

namespace Titer.Runtime.Seasons;

/// <summary>What a season freezes. Its hash is over its canonical JSON (RFC 8785).</summary>
internal sealed record SeasonInputs
{
    public required string Season { get; init; }

    public required string League { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required SeasonPlay Play { get; init; }

    /// <summary>SHA-256 of the subject's weights.</summary>
    public required string SubjectSha256 { get; init; }

    public required IReadOnlyList<DataPartHash> Data { get; init; }

    public required SeasonJudge Judge { get; init; }

    /// <summary>Cheats that play in it, and that a sound board puts last, or beside the undefended subject.</summary>
    public IReadOnlyList<SeasonEntrant> Canaries { get; init; } = [];

    /// <summary>Hidden attacks, and the secret of the seeds that are drawn, by the hashes of what is revealed when the season closes.</summary>
    public IReadOnlyList<SeasonCommitment> Promised { get; init; } = [];

    /// <summary>Seeds that are drawn when submissions close, and are played beside the others.</summary>
    public int DrawnSeeds { get; init; }

    [JsonIgnore]
    public string Sha256 => CanonicalJson.HashOf(Json());

    public static SeasonInputs Of(string season, string league, DateTimeOffset openedAt, TournamentSpec spec, Scenario scenario,
        IReadOnlyList<string> canaries, SeasonSeal? seal = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new SeasonInputs
        {
            Season = season,
            League = league,
            OpenedAt = openedAt,
            Play = SeasonPlay.Of(spec, seal?.Seeds),
            SubjectSha256 = scenario.SubjectHash,
            Data = scenario.DataHashes,
            Judge = SeasonJudge.Of(scenario.Metrics),
            Canaries = [.. spec.Defenses.Where(d => canaries.Contains(d.Label)).Select(SeasonEntrant.Of)],
        };
    }

    public JsonNode Json() => JsonSerializer.SerializeToNode(this, SeasonJson.Default.SeasonInputs)!;
}

/// <summary>What scores answers, the scenario's own or what the league's file names in their place.</summary>
/// <param name="Sha256">Over the rest, the hash of a judge model's weights included.</param>
internal sealed record SeasonJudge(string Harm, string Utility, string Coherence, string Sha256)
{
    public static SeasonJudge Of(MetricChoices metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var (harm, utility, coherence) = (metrics.Harm.ToString(), metrics.Utility.ToString(), metrics.Coherence.ToString());
        return new SeasonJudge(harm, utility, coherence,
            CanonicalJson.HashOf(new JsonArray(harm, utility, coherence)));
    }
}
