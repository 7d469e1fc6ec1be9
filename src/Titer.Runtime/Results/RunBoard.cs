using System.Security.Cryptography;
using System.Text;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// Which board of a results folder a tournament writes. Results are shared by all of them: a phase's id says what was played. The folder itself
/// has the widest board; one that lacks defenses, attackers or seeds of it has a folder of its own under <c>boards</c>, and never replaces it.
/// </summary>
internal static class RunBoard
{
    internal const string FolderName = "boards";

    private const int MostLetters = 60;

    /// <summary>The name of the narrower board; null for one that may stand in the folder itself.</summary>
    /// <param name="stood">What the folder's board is of; null where it has none.</param>
    /// <param name="isPart">Somebody asked for a part of a tournament: what it has and the board lacks does not make it the wider one.</param>
    public static string? NameOf(TournamentSpec spec, TournamentSpec? stood, bool isPart)
    {
        ArgumentNullException.ThrowIfNull(spec);
        // Of another tournament or other data nothing that stood there is played any more.
        if (stood is null || stood.Name != spec.Name || stood.ScenarioHash != spec.ScenarioHash) return null;
        string[][] has = [.. Parts(spec)], had = [.. Parts(stood)];
        if (had.Zip(has).All(p => !p.First.Except(p.Second).Any())) return null;
        if (!isPart && has.Zip(had).Any(p => p.First.Except(p.Second).Any())) return null;
        var differing = has.Zip(had).Where(p => !p.First.ToHashSet().SetEquals(p.Second)).SelectMany(p => p.First).ToArray();
        return NameOf(differing.Length > 0 ? differing : ["baselines"], string.Join('\n', has.SelectMany(p => p)));
    }

    /// <summary>Defenses and attackers beyond the baselines, and runs, each by a name that is the same in every process.</summary>
    private static IEnumerable<string[]> Parts(TournamentSpec spec) =>
    [
        [.. spec.Defenses.Skip(1).Select(d => d.Label)],
        [.. AttackFamily.Of(spec.Attacks.Skip(1)).Select(f => f.Label)],
        [.. spec.Seeds.Select(s => $"seed-{s.ToString(System.Globalization.CultureInfo.InvariantCulture)}")],
        [.. Enumerable.Range(1, spec.AttackSeeds).Select(s => $"attack-seed-{s.ToString(System.Globalization.CultureInfo.InvariantCulture)}")],
    ];

    /// <summary>What a name cannot say in full it says by its hash.</summary>
    private static string NameOf(IReadOnlyList<string> parts, string whole)
    {
        var text = string.Join('+', parts);
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+' or '@' ? c : '-'));
        return name == text && name.Length <= MostLetters ? name
            : $"{name[..Math.Min(name.Length, MostLetters)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..8]}";
    }
}
