using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Files;
using Titer.League.Configuration;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;

namespace Titer.League.Promises;

/// <summary>
/// What an operator keeps to themselves while a season is open: the hidden attacks and the secrets
/// that seeds are drawn from. In a folder of the league
/// that begins with a dot and only its owner reads, never in the results, which anybody may be given.
/// </summary>
internal sealed record SeasonSecrets(string Season, IReadOnlyList<SeasonReveal> Reveals)
{
    public const string FolderName = ".season-secrets";
    private const long MostBytes = 1L << 20;

    [JsonIgnore]
    public IEnumerable<SeasonReveal> Attacks => Reveals.Where(r => r.Id.Length > 0);

    public IReadOnlyList<SeasonCommitment> Commitments => [.. Reveals.Select(r => r.Commit(Season))];

    /// <summary>Takes hidden attacks in.</summary>
    /// <param name="packages">Of the attacks.</param>
    /// <param name="taken">Ids that play already.</param>
    /// <exception cref="FileRefusalException">One is no attack, or cannot be used.</exception>
    public static SeasonSecrets Keep(LeagueFile file, string season, IReadOnlyList<string> packages, bool drawsSeeds, PluginGate gate,
        IReadOnlyCollection<string> taken)
    {
        var folder = Path.Combine(file.Folder, FolderName, season);
        var reveals = new List<SeasonReveal>();
        foreach (var package in packages)
        {
            using var scratch = ScratchFolder.Create();
            var plugin = Unpacked(package, scratch.Path, gate);
            if (plugin.Manifest.Kind != PluginKind.Attack || taken.Contains(plugin.Manifest.Id) || reveals.Exists(r => r.Id == plugin.Manifest.Id))
                throw Refused($"'{package}' holds '{plugin.Manifest.Id}', which is {(plugin.Manifest.Kind != PluginKind.Attack ? "no attack"
                    : "in the season already")}");
            if (file.Tournament.Attacks is null && !plugin.Manifest.EntersByDefault)
                throw Refused($"'{plugin.Manifest.Id}' does not enter by default, and {file.Path} names no attacks");
            var label = $"hidden-{(reveals.Count + 1).ToString(CultureInfo.InvariantCulture)}";
            Directory.CreateDirectory(folder);
            File.Copy(package, PackageOf(file, season, label), overwrite: true);
            reveals.Add(SeasonReveal.New(label, plugin.Manifest.Id, plugin.Manifest.ContentHash, RegularFile.HashOf(package)!));
        }

        if (drawsSeeds) reveals.Add(SeasonReveal.New(SeasonReveal.SeedsLabel));
        var secrets = new SeasonSecrets(season, reveals);
        if (reveals.Count == 0) return secrets;
        var kept = FileOf(file, season);
        File.Delete(kept);
        FirstWriterWins.Commit(kept, JsonSerializer.Serialize(secrets, SecretsJson.Default.SeasonSecrets) + "\n", isSecret: true);
        return secrets;
    }

    /// <summary>What was promised, held against what the season froze.</summary>
    /// <exception cref="FileRefusalException">It is missing, or something else than was promised.</exception>
    public static SeasonSecrets Read(LeagueFile file, SeasonDocument season)
    {
        var frozen = season.Frozen;
        if (frozen.Promised.Count == 0) return new SeasonSecrets(frozen.Season, []);
        var kept = FileOf(file, frozen.Season);
        try
        {
            var secrets = JsonSerializer.Deserialize(RegularFile.ReadAllBytes(kept, MostBytes), SecretsJson.Default.SeasonSecrets);
            return secrets is not null && secrets.Season == frozen.Season && secrets.Commitments.SequenceEqual(frozen.Promised)
                ? secrets
                : throw Broken(kept);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw Broken(kept);
        }
    }

    /// <summary>The hidden attacks, copied to where they are played from.</summary>
    /// <exception cref="FileRefusalException">A package is missing, or another than was promised.</exception>
    public IReadOnlyList<InstalledPlugin> Load(LeagueFile file, RunFolder results, PluginGate gate)
    {
        var loaded = new List<InstalledPlugin>();
        foreach (var promised in Attacks)
        {
            var package = PackageOf(file, Season, promised.Label);
            if (RegularFile.HashOf(package) != promised.PackageSha256) throw Broken(package);
            using var scratch = ScratchFolder.Create();
            var plugin = Unpacked(package, scratch.Path, gate);
            if (plugin.Manifest.ContentHash != promised.ContentSha256) throw Broken(package);
            var copy = results.AdoptPlugin(plugin.Folder, plugin.Manifest.Id, plugin.Manifest.ContentHash);
            loaded.Add(gate.Inspect(copy).Plugin ?? throw Broken(package));
        }

        return loaded;
    }

    private static InstalledPlugin Unpacked(string package, string scratch, PluginGate gate)
    {
        var home = new TiterHome(Path.Combine(scratch, "home"));
        var outcome = new PluginInstaller(home, gate).Install(package);
        return outcome.Record is { } record && gate.Inspect(Path.Combine(home.PluginsFolder, record.Id)).Plugin is { } plugin ? plugin
            : throw new FileRefusalException(
                (outcome.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) ?? outcome.Problems[0]).ToString());
    }

    private static string FileOf(LeagueFile file, string season) => Path.Combine(file.Folder, FolderName, season + ".json");

    private static string PackageOf(LeagueFile file, string season, string label) =>
        Path.Combine(file.Folder, FolderName, season, label + PackageLayout.Extension);

    private static FileRefusalException Refused(string fact) =>
        new($"TITER739 A season cannot hide this attack: {fact}. Name the package of another with --hidden.");

    private static FileRefusalException Broken(string file) =>
        new($"TITER738 {file} is missing, or is not what was promised when the season opened. Put a copy of it back.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, WriteIndented = true)]
[JsonSerializable(typeof(SeasonSecrets))]
internal sealed partial class SecretsJson : JsonSerializerContext;
