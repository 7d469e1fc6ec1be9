using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Trust;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Submissions;

/// <summary>What an author asks to be handed in.</summary>
internal sealed record SubmissionRequest
{
    public required string Package { get; init; }

    /// <summary>SSH key: a private one, or the public one of a key that an agent holds.</summary>
    public required string KeyFile { get; init; }

    public required SubmissionDisclosures Disclosures { get; init; }

    /// <summary>Of a run in which the plugin played; null hands in none.</summary>
    public string? Results { get; init; }

    /// <summary>The log of a tuning; null hands in none.</summary>
    public string? Tuning { get; init; }

    /// <summary>The plugin's row there, where it has several.</summary>
    public string? Label { get; init; }

    public required string HostVersion { get; init; }

    /// <summary>That the author's results are sealed with; null where this machine has none.</summary>
    public ResultKey? Key { get; init; }
}

/// <summary>Makes a bundle of a package, the author's own results of it, and the tries that led there.</summary>
internal static class SubmissionWriter
{
    private const long MostTuningBytes = 16L << 20;

    /// <summary>Writes it, and says what it says.</summary>
    /// <exception cref="FileRefusalException">The package or a key cannot be used, or the results are of another build.</exception>
    public static SubmissionStatement Write(SubmissionRequest request, string target)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var scratch = ScratchFolder.Create();
        var plugin = Inspected(request.Package, scratch.Path);
        var (files, claim, entrant) = request.Results is { } results ? Own(results, request, plugin, scratch.Path) : ([], null, null);
        List<(string Name, string File)> all = [(SubmissionBundle.PackageName, Path.GetFullPath(request.Package)), .. files];
        int? tries = null;
        if (request.Tuning is { } tuning)
        {
            all.Add((SubmissionBundle.TuningName, Path.GetFullPath(tuning)));
            tries = TriesOf(tuning, plugin);
        }

        var statement = new SubmissionStatement
        {
            Id = plugin.Id,
            Version = plugin.Version,
            ContentSha256 = plugin.ContentHash,
            HostVersion = request.HostVersion,
            Options = entrant?.Options ?? ImmutableSortedDictionary<string, string>.Empty,
            Disclosures = request.Disclosures,
            Tries = tries,
            Claim = claim,
            Files = [.. all.Select(f => Named(f.Name, f.File))],
        };
        var bytes = statement.ToJson();
        // What a league would refuse is refused here.
        SubmissionStatement.Parse(bytes);
        var (signature, problem) = SshSignature.Sign(bytes, request.KeyFile, SubmissionBundle.Namespace);
        if (signature is null) throw new FileRefusalException(problem!.ToString());
        SubmissionBundle.Write(target, bytes, signature, all.Select(f => f.File));
        return statement;
    }

    private static PluginManifest Inspected(string package, string scratch)
    {
        var gate = new PluginGate();
        var home = new TiterHome(Path.Combine(scratch, "home"));
        var outcome = new PluginInstaller(home, gate).Install(package);
        if (outcome.Record is not { } record)
            throw new FileRefusalException(
                (outcome.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) ?? outcome.Problems[0]).ToString());
        return gate.Inspect(Path.Combine(home.PluginsFolder, record.Id)).Plugin!.Manifest;
    }

    /// <summary>The results of the one row, with those of the undefended subject that it is held against.</summary>
    private static (List<(string Name, string File)> Files, SubmissionClaim Claim, Entrant Entrant) Own(string results, SubmissionRequest request,
        PluginManifest plugin, string scratch)
    {
        using var folder = RunFolder.OpenToRead(results, request.Key);
        var spec = RunRecords.ReadSpec(folder);
        var rows = spec.Defenses.Where(d => d.ContentHash == plugin.ContentHash && (request.Label is null || d.Label == request.Label)).ToArray();
        if (rows.Length != 1)
            throw Refused(
                rows.Length == 0 ? $"{results} has no row of this build of '{plugin.Id}'" : $"{results} has several rows of it: {string.Join(", ",
                rows.Select(r => r.Label))}", rows.Length == 0 ? "Play it with 'titer run', or leave --results out" : "Name one with --row");
        var own = SubmissionRow.Of(spec, rows[0]);
        var (plan, stored) = new ResultStore(folder).Load(own);
        if (stored.Count == 0) throw Refused($"{results} has no result of '{rows[0].Label}'", "Play it with 'titer run', or leave --results out");
        var lockFile = Path.Combine(scratch, "run.lock.json");
        File.WriteAllText(lockFile, TournamentJson.Serialize(own));
        var row = TournamentFold.Report(own, plan, stored).Rows.First(r => r.Defense == rows[0].Label);
        List<(string, string)> files = [(SubmissionBundle.LockName, lockFile)];
        foreach (var (id, result) in stored.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var file = Path.Combine(scratch, $"{id}.json");
            // Answers to evaluation prompts are nobody's to hand in, and the author's seal says nothing to anybody else.
            File.WriteAllText(file, PhaseFile.Text(result with { SamplesHash = null }));
            files.Add(($"results/phases/{id}.json", file));
        }

        return (files, SubmissionRow.Claim(own, row, stored.Count), rows[0]);
    }

    private static int TriesOf(string file, PluginManifest plugin)
    {
        try
        {
            using var json = JsonDocument.Parse(RegularFile.ReadAllBytes(file, MostTuningBytes));
            if (json.RootElement.GetProperty("defense").GetString() == plugin.Id) return json.RootElement.GetProperty("tries").GetArrayLength();
            throw Refused($"{file} is the log of another defense's tuning", "Name the tuning.json of this one");
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or InvalidDataException or FileNotFoundException)
        {
            throw Refused($"{file} is no log of a tuning", "Name a tuning.json that 'titer tune' wrote");
        }
    }

    private static SubmissionFile Named(string name, string file)
    {
        using var content = RegularFile.OpenRead(file, SubmissionLimits.Default.Bytes);
        return new SubmissionFile(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private static FileRefusalException Refused(string fact, string fix) => new($"TITER727 {fact}. {fix}.");
}
