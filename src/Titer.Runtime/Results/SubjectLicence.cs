using System.Text;
using Titer.Files;

namespace Titer.Runtime.Results;

/// <summary>What a checkpoint's own model card says of its licence, in the lines <c>license</c>, <c>license_name</c> and <c>license_link</c> of its
/// front matter; nothing is guessed.</summary>
internal static class SubjectLicence
{
    private const long MostCardBytes = 4 << 20;

    /// <summary>Lines of YAML as they stand there; empty where the card or the lines are missing.</summary>
    public static IReadOnlyList<string> Of(string subjectFolder)
    {
        var card = Path.Combine(subjectFolder, "README.md");
        if (!File.Exists(card)) return [];
        var lines = Encoding.UTF8.GetString(RegularFile.ReadAllBytes(card, MostCardBytes)).ReplaceLineEndings("\n").TrimStart('\uFEFF').Split('\n');
        if (lines[0].TrimEnd() != "---") return [];
        return
        [
            .. lines.Skip(1).TakeWhile(line => line.TrimEnd() != "---")
                .Where(line => line.Split(':', 2) is ["license" or "license_name" or "license_link", var value] && value.Trim().Length > 0)
                .Select(line => VisibleText.OnOneLine(line.TrimEnd())),
        ];
    }
}
