using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Sdk.Naming;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// The model that a defense made with one seed, as a checkpoint folder in Hugging Face layout: the subject's configuration, tokenizer and licence
/// files, the defended weights bit for bit, and a model card. Neither the run nor the subject is changed.
/// </summary>
internal static class ReleasedModel
{
    /// <summary>No weights file of a subject that a run was played on is larger.</summary>
    private const long MostBytes = 1L << 40;

    /// <summary>What Transformers reads beside weights. Adapters and weights of the subject are left out: the defended weights hold them.</summary>
    private static readonly string[] Names =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "chat_template.json", "chat_template.jinja",
    ];

    private static readonly string[] LegalNames = ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"];

    /// <summary>Writes the folder.</summary>
    /// <param name="run">The results folder that the report is of.</param>
    /// <param name="defense">A label of the board.</param>
    /// <param name="target">A folder that is not there, or is empty.</param>
    /// <returns>SHA-256 of the weights, which is that of the defend phase.</returns>
    /// <exception cref="FileRefusalException">The board has no such model, its weights are not kept or damaged, or the folder holds something.
    /// </exception>
    public static string Write(RunFolder run, Scenario scenario, TournamentReport report, IReadOnlyDictionary<string, PhaseResult> results,
        string defense, int seed, string target)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(report);
        var phase = PhaseOf(report.Spec, defense, seed);
        var hash = WeightsOf(phase, results.GetValueOrDefault(phase.Id));
        if (!RunFolder.Has(run.WeightsFile(hash)))
            throw Lost(run, phase, "are not kept there any more");
        target = Path.GetFullPath(target);
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new FileRefusalException($"TITER642 {target} holds something already. Name a folder that is not there, or is empty.");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var unfinished = $"{target}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(unfinished);
        try
        {
            if (RegularFile.CopyTo(run.WeightsFile(hash), Path.Combine(unfinished, CheckpointFiles.WeightsFile), MostBytes) != hash)
                throw Lost(run, phase, "were changed: their SHA-256 is not the result's");
            var licences = new List<string>();
            foreach (var file in Directory.EnumerateFiles(scenario.SubjectFolder).Order(StringComparer.Ordinal))
            {
                var isLegal = LegalNames.Any(n => Path.GetFileName(file).StartsWith(n, StringComparison.OrdinalIgnoreCase));
                if (!isLegal && !Names.Contains(Path.GetFileName(file))) continue;
                RegularFile.CopyTo(file, Path.Combine(unfinished, Path.GetFileName(file)), MostBytes);
                if (isLegal) licences.Add(Path.GetFileName(file));
            }

            File.WriteAllText(Path.Combine(unfinished, "README.md"), ModelCard.Write(report, phase, hash, SubjectLicence.Of(scenario.SubjectFolder),
                licences));
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(unfinished, target);
        }
        finally
        {
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        }

        return hash;
    }

    private static Phase PhaseOf(TournamentSpec spec, string defense, int seed)
    {
        string[] labels = [.. spec.Defenses.Select(d => d.Label)];
        if (!labels.Contains(defense))
            throw new FileRefusalException($"TITER640 The board has no defense '{VisibleText.OnOneLine(defense)}'.{Suggestion.For(defense, labels)} "
                + $"It has: {string.Join(", ", labels)}.");
        return TournamentPlan.From(spec).Phases.FirstOrDefault(p => p.Kind == PhaseKind.Defend && p.Defense.Label == defense && p.Seed == seed)
            ?? throw new FileRefusalException($"TITER640 {defense} was not played with seed {seed}. Name one of: {string.Join(", ", spec.Seeds)}.");
    }

    private static string WeightsOf(Phase phase, PhaseResult? result) => result switch
    {
        { Status: PhaseStatus.Done, WeightsHash: { } hash } => hash,
        null => throw new FileRefusalException($"TITER640 {phase.Title} has no result yet. Play it with 'titer run', then export."),
        _ => throw new FileRefusalException(
            $"TITER640 {phase.Title} made no model: {result.Code} {result.Reason} See 'titer explain {result.Code}'."),
    };

    private static FileRefusalException Lost(RunFolder run, Phase phase, string what) =>
        new($"TITER641 The weights of {phase.Title} {what}. Remove {run.PhaseFile(phase.Id)} and play the tournament again with 'titer run': "
            + "it computes them once more.");
}
