using Titer.Scenarios.Yaml;
using Titer.Sdk.Naming;

namespace Titer.Runtime.Configuration.Protocols;

/// <summary>The protocols that there are: <c>protocols.yaml</c>, embedded; and a tournament file with one filled in.</summary>
internal static class ProtocolTable
{
    private static readonly Lazy<IReadOnlyDictionary<string, Protocol>> Read = new(() =>
        StrictYaml.Embedded(typeof(ProtocolTable), "protocols.yaml").Map().ToDictionary(p => p.Key, p => Of(p.Key, p.Value)));

    public static IReadOnlyDictionary<string, Protocol> All => Read.Value;

    /// <summary>
    /// An ordinary tournament: what the file's protocol fixes and the file does not set itself. The keys that it sets nevertheless are told.
    /// </summary>
    /// <exception cref="ConfigurationException">There is no such protocol.</exception>
    public static TournamentFile Applied(TournamentFile file)
    {
        if (file.Protocol is not { } named) return file;
        if (!All.TryGetValue(named.Value, out var protocol))
            throw new ConfigurationException(file.Path, named.Line, named.Column,
                $"TITER632 There is no protocol '{named.Value}'.{Suggestion.For(named.Value, All.Keys)} Known: {string.Join(", ", All.Keys)}.");
        var fixedOnes = protocol.Tournament;
        string[] changed =
        [
            .. Differs("seeds", file.Seeds, fixedOnes.Seeds), .. Differs("attack_seeds", file.AttackSeeds, fixedOnes.AttackSeeds),
            .. Differs("attacks", file.Attacks, fixedOnes.Attacks), .. Differs("aggregations", file.Aggregations, fixedOnes.Aggregations),
            .. Differs("budget.attack", file.Attack == new BudgetEntry() ? null : file.Attack, fixedOnes.Attack),
        ];
        return file with
        {
            Name = file.Name ?? protocol.Name,
            Seeds = file.Seeds ?? fixedOnes.Seeds,
            AttackSeeds = file.AttackSeeds ?? fixedOnes.AttackSeeds,
            Attacks = file.Attacks ?? fixedOnes.Attacks?.Select(Placeless).ToArray(),
            Aggregations = file.Aggregations ?? fixedOnes.Aggregations,
            Attack = new BudgetEntry
            {
                Steps = file.Attack.Steps ?? fixedOnes.Attack.Steps,
                Samples = file.Attack.Samples ?? (file.Attack.Steps is null ? fixedOnes.Attack.Samples : null),
                Tries = file.Attack.Tries ?? fixedOnes.Attack.Tries,
                Seconds = file.Attack.Seconds,
                Megabytes = file.Attack.Megabytes,
            },
            ProtocolFacts = [.. protocol.Describe(changed)],
        };
    }

    /// <summary>A problem with it has no place in the user's file.</summary>
    private static EntrantEntry Placeless(EntrantEntry entry) => entry with
    {
        Id = Placeless(entry.Id),
        Set = entry.Set.ToDictionary(s => s.Key, s => Placeless(s.Value)),
        Sweep = entry.Sweep.ToDictionary(s => s.Key, s => (IReadOnlyList<Positioned<string>>)[.. s.Value.Select(Placeless)]),
        Search = entry.Search is not { } search ? null : search with
        {
            Place = Placeless(search.Place),
            Over = search.Over?.ToDictionary(o => o.Key, o => new SearchedOption([.. o.Value.Values.Select(Placeless)])
            {
                From = o.Value.From is { } from ? Placeless(from) : null,
                To = o.Value.To is { } to ? Placeless(to) : null,
            }),
        },
    };

    private static Positioned<string> Placeless(Positioned<string> value) => value with { Line = 0, Column = 0 };

    private static IEnumerable<string> Differs(string key, object? own, object? published) => own is null || published is null ? [] : [key];

    private static Protocol Of(string name, StrictYaml node)
    {
        var keys = node.Map("cite", "fixes", "leaves_out", "tournament");
        return new Protocol(name, keys["cite"].Text(), Lines(keys["fixes"]), Lines(keys["leaves_out"]),
            TournamentFileReader.Of(keys["tournament"], null));
    }

    private static string[] Lines(StrictYaml node) => [.. node.List().Select(line => line.Text())];
}
