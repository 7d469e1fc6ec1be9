using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Submissions;

/// <summary>What is known of an author's results.</summary>
internal enum SubmissionStanding
{
    /// <summary>Their author says so.</summary>
    SelfReported,

    /// <summary>They come to what their author says, and are of the plugin that is in the bundle.</summary>
    Consistent,

    /// <summary>Cells that nobody could foresee came out again when they were played here.</summary>
    Reproduced,
}

/// <summary>Something that speaks against a bundle.</summary>
/// <param name="Text">Code, fact and fix.</param>
internal sealed record SubmissionFinding(string Code, string Text);

/// <summary>A bundle's own results, read and judged once more.</summary>
/// <param name="Spec">Null where there is nothing that can be played.</param>
internal sealed record JudgedSubmission(SubmissionStanding Standing, IReadOnlyList<SubmissionFinding> Findings, TournamentSpec? Spec,
    Entrant? Defense, TournamentPlan? Plan, IReadOnlyDictionary<string, PhaseResult> Results, double NoiseFloor);

/// <summary>Whether an author's results are of the plugin that was handed in and come to the row that the author claims. Plays nothing.</summary>
internal static class SubmissionCheck
{
    public const string InconsistentCode = "TITER736";

    /// <param name="folder">What was in the bundle.</param>
    public static JudgedSubmission Judge(SubmissionBundle bundle, string folder)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        if (bundle.Statement.Claim is not { } claim) return Only(SubmissionStanding.SelfReported);
        try
        {
            return Judge(bundle.Statement, claim, Path.Combine(folder, "results"));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever a stranger's files bring about is a finding.
            return Only(SubmissionStanding.SelfReported, Finding($"they cannot be judged: {VisibleText.OnOneLine(e.Message, 300).TrimEnd('.')}"));
        }
    }

    private static JudgedSubmission Judge(SubmissionStatement statement, SubmissionClaim claim, string results)
    {
        using var run = RunFolder.OpenToRead(results);
        var spec = RunRecords.ReadSpec(run);
        if (spec.Defenses is not [.., { } defense] || spec.Defenses.Count > 2 || defense.Label != claim.Defense
            || defense.PluginId != statement.Id || defense.ContentHash != statement.ContentSha256
            || !defense.Options.SequenceEqual(statement.Options))
            return Only(SubmissionStanding.SelfReported, Finding("they are of another plugin or other options than was handed in"));
        var store = new ResultStore(run);
        var (plan, read) = store.Load(spec);
        var findings = new List<SubmissionFinding>();
        foreach (var notice in store.Notices.Take(5)) findings.Add(Finding(VisibleText.OnOneLine(notice, 300).TrimEnd('.')));
        var report = TournamentFold.Report(spec, plan, read);
        var row = report.Rows.First(r => r.Defense == defense.Label);
        if (Text(SubmissionRow.Claim(spec, row, read.Count)) is var come && come != Text(claim))
            findings.Add(Finding($"they come to {come}, and their author claims {Text(claim)}"));
        return new JudgedSubmission(findings.Count == 0 ? SubmissionStanding.Consistent : SubmissionStanding.SelfReported, findings, spec, defense,
            plan, read,
            report.NoiseFloor);
    }

    /// <summary>Cells that are played again: attack phases of the defense that came to a result, chosen
    /// by a seed that their author did not know.</summary>
    public static IReadOnlyList<Phase> Chosen(JudgedSubmission judged, double share, string seed)
    {
        ArgumentNullException.ThrowIfNull(judged);
        Phase[] cells = [.. judged.Plan!.Phases.Where(p => p.Kind == PhaseKind.Attack && p.Defense.Label == judged.Defense!.Label
            && judged.Results.GetValueOrDefault(p.Id) is { Status: PhaseStatus.Done }).DistinctBy(p => p.Id)];
        var count = Math.Min(cells.Length, Math.Max(1, (int)Math.Ceiling(share * cells.Length)));
        return [.. cells.OrderBy(p => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{p.Id}"))), StringComparer.Ordinal)
            .Take(count)];
    }

    private static string Text(SubmissionClaim claim) =>
        $"{claim.Titer}, cross-domain {claim.CrossDomainTiter}, {string.Join(", ", claim.Verdicts)} of {claim.Phases} phases on {
            claim.ScenarioSha256[..12]}";

    private static SubmissionFinding Finding(string fact) =>
        new(InconsistentCode, $"{InconsistentCode} The author's results are not what is claimed: {fact}.");

    private static JudgedSubmission Only(SubmissionStanding standing, params SubmissionFinding[] findings) =>
        new(standing, findings, null, null, null, new Dictionary<string, PhaseResult>(), double.NaN);
}
