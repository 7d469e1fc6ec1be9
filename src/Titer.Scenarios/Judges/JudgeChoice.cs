using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Titer.Files;
using Titer.Models.Checkpoints;
using Titer.Models.Tokenizers;

namespace Titer.Scenarios.Judges;

/// <summary>Which judge: its profile, and where its files are.</summary>
/// <param name="Folder">Its checkpoint.</param>
/// <param name="TemplateFile">Null for a profile that asks with the checkpoint's own template.</param>
public sealed record JudgeChoice(JudgeProfile Profile, string Folder, string? TemplateFile)
{
    /// <summary>
    /// SHA-256 over all of the profile, the template, the tokenizer and the weights: 64 lower-case hexadecimal digits. Verdicts of one hash are
    /// comparable.
    /// </summary>
    /// <exception cref="CheckpointException">A file of the checkpoint is missing.</exception>
    /// <exception cref="ScenarioException">It has no template.</exception>
    public string Hash()
    {
        var profile = JsonSerializer.Serialize(Profile.Steps.SelectMany(s =>
            new[] { s.Force, s.Reads.ToString() }.Concat(s.Choices.Select(c => FormattableString.Invariant($"{c.Key}={c.Value:R}")))).ToArray(),
            JudgeJson.Default.StringArray);
        var reader = FormattableString.Invariant($"{Profile.MaxLength} {Profile.KeepsBeginning} {Profile.ReadsLabels} {Profile.EndsText} ")
            + FormattableString.Invariant($"{Profile.Threshold:R} {Profile.LeastMass:R}");
        string[] parts =
        [
            Profile.Name, profile, reader, JudgePrompt.TemplateOf(this), EnteredCheckpoint.In(Folder).ContentHash(),
            .. TokenizerReader.FilesIn(Folder).Select(file => Path.GetFileName(file) + RegularFile.HashOf(file)),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001e', parts))));
    }

    /// <summary>Lengths and times of its files: cheap to compare.</summary>
    internal string Stamp() => string.Join(' ', (TemplateFile is null ? [] : (string[])[TemplateFile])
        .Concat(TokenizerReader.FilesIn(Folder)).Select(RegularFile.StampOf).Prepend(SubjectWeights.Stamp(Folder, null)));
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class JudgeJson : System.Text.Json.Serialization.JsonSerializerContext;
