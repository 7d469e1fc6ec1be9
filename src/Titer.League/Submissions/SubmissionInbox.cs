using Titer.Files;
using Titer.League.Standing;
using Titer.Runtime.Submissions;

namespace Titer.League.Submissions;

/// <summary>Takes uploads: each is read and held against the rules as one that lies in the folder would be, and is laid there only then.</summary>
internal sealed class SubmissionInbox(string folder, long mostBytes, SubmissionDesk desk, LeagueLedger ledger)
{
    public string Folder => folder;

    public long MostBytes => mostBytes;

    /// <returns>SHA-256 of the bundle; or code, fact and fix.</returns>
    public (string? Sha256, string? Refusal) Take(string file)
    {
        using var scratch = ScratchFolder.Create();
        var read = desk.Read(file, scratch.Path);
        if (read is not { Verdict.Plugin: { } plugin, Bundle: { } bundle, Mark: { } mark }) return (null, read.Verdict.Problems[0].ToString());
        if (desk.Refusal(ledger.Document.Entries, plugin.Manifest, mark) is { } problem) return (null, problem.ToString());
        ReplacedFile.Commit(file, Path.Combine(folder, bundle.Sha256 + SubmissionBundle.Extension));
        return (bundle.Sha256, null);
    }
}
