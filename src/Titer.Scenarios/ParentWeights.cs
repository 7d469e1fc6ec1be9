using Titer.Models.Checkpoints;

namespace Titer.Scenarios;

/// <summary>
/// The public checkpoint that a subject was made from, or the subject's own where that is public: what an attacker of open weights may have.
/// Declared, never guessed, and pinned as the subject is.
/// </summary>
internal static class ParentWeights
{
    /// <returns>Full path of the folder, whose weights are the pinned ones and fit the subject; null where the file declares none.</returns>
    /// <param name="path">The scenario's file, for messages.</param>
    /// <param name="folder">As declared, from the scenario's folder.</param>
    /// <exception cref="ScenarioException">A file is missing or changed, or the checkpoint is of another kind.</exception>
    public static string? Open(string path, string? folder, string sha256, string subject)
    {
        if (folder is null) return null;
        var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, folder));
        var files = Directory.Exists(full) ? SubjectWeights.Files(full, adapter: null) : [];
        if (files.Count == 0 || files.FirstOrDefault(file => !File.Exists(file)) is not null)
            throw new ScenarioException($"{path}: TITER544 The parent's weights are missing in {full}. Restore the files, or correct "
                + "subject.parent_weights.");
        foreach (var file in files) CheckpointText.RequireContent(file);
        var actual = Convert.ToHexStringLower(SubjectWeights.Hash(files));
        if (actual != sha256)
            throw new ScenarioException($"{path}: TITER544 The parent's weights have SHA-256 {actual}, pinned is {sha256}. Restore the file, or pin "
                + "the new hash under subject.parent_sha256.");
        return WeightsCheck.CompareShapes(subject, full) is { } difference
            ? throw new ScenarioException($"{path}: TITER545 The parent in {full} is another kind of model than the subject: {difference} Name the "
                + "checkpoint that the subject was made from.")
            : full;
    }
}
