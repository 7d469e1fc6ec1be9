using Titer.Files;
using Titer.League.Configuration;
using Titer.League.Seasons;
using Titer.League.Standing;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Trust;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Runtime.Submissions;
using Titer.Tournament;

namespace Titer.League.Submissions;

/// <summary>A bundle that was read, with the plugin in it as the gate sees it.</summary>
internal sealed record ReadSubmission(PluginVerdict Verdict, SubmissionBundle? Bundle, EntrantSubmission? Mark);

/// <summary>
/// Where a league takes in what authors hand in. A bundle is read strictly, its signature first; its
/// package passes the gate by metadata alone; its key
/// must be that of the plugin's author, and must not have had its share of the season. What was taken is kept: it is superseded, never taken back.
/// Nothing of it runs here.
/// </summary>
internal sealed class SubmissionDesk(SubmissionSettings settings, PluginGate gate, PluginPolicy? policy, SeasonDocument? season)
{
    public const string KeptFolder = "submissions";

    /// <summary>Ids of attacks that the season hides.</summary>
    public IReadOnlyList<string> Reserved { get; init; } = [];

    /// <param name="unpacked">Empty, and the host's own.</param>
    public ReadSubmission Read(string file, string unpacked)
    {
        try
        {
            var bundle = SubmissionBundle.Read(file, unpacked, new SubmissionLimits(settings.Bytes));
            var home = new TiterHome(Path.Combine(unpacked, "home"));
            var outcome = new PluginInstaller(home, gate).Install(Path.Combine(unpacked, SubmissionBundle.PackageName));
            if (outcome.Record is not { } record)
                return Refused(file, outcome.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) ?? outcome.Problems[0]);
            var verdict = gate.Inspect(Path.Combine(home.PluginsFolder, record.Id));
            if (verdict.Plugin is not { } plugin) return new(verdict, bundle, null);
            var (said, is_) = (bundle.Statement, plugin.Manifest);
            if ((said.Id, said.ContentSha256) != (is_.Id, is_.ContentHash))
                return Refused(file, new("TITER728", $"The statement of '{file}' is about another plugin than the package in it.",
                    "Make the bundle with 'titer submit'."));
            return new(verdict, bundle, MarkOf(bundle));
        }
        catch (FileRefusalException e)
        {
            return Refused(file, new(e.Code, ((Files.Codes.ICoded)e).Text, ""));
        }
    }

    /// <summary>Why it may not enter; null where it may.</summary>
    public PluginProblem? Refusal(IReadOnlyList<LeagueEntry> entries, PluginManifest plugin, EntrantSubmission mark) =>
        season is not null && Reserved.Contains(plugin.Id) ? SeasonCheck.Reserved(season, plugin.Id)
        : season?.Seal is not null && !entries.Any(e => e.Is(plugin.Id, plugin.ContentHash)) ? SeasonCheck.Sealed(season, plugin.Id)
        : SubmissionRules.Refusal(entries, plugin, mark, settings.PerAuthor);

    /// <summary>Keeps the bundle in the results: what a row rests on stays with it.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public static void Keep(string file, SubmissionBundle bundle, RunFolder results)
    {
        var kept = Path.Combine(results.Path, KeptFolder, bundle.Sha256 + SubmissionBundle.Extension);
        if (File.Exists(kept)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        var temporary = kept + ".tmp";
        RegularFile.CopyTo(file, temporary, long.MaxValue);
        ReplacedFile.Commit(temporary, kept);
    }

    private EntrantSubmission MarkOf(SubmissionBundle bundle)
    {
        var statement = bundle.Statement;
        return new EntrantSubmission
        {
            Author = policy?.Signers is { } signers
                ? SshSignature.PrincipalOf(bundle.StatementBytes, bundle.Signature, SubmissionBundle.Namespace, signers,
                policy.RevokedKeys) : null,
            Key = bundle.Key,
            Bundle = bundle.Sha256,
            Season = season?.Frozen.Season,
            Options = statement.Options.Count > 0 ? statement.Options : null,
            Tries = statement.Tries,
            TunedOnTheseAttacks = statement.Disclosures.TunedOnTheseAttacks,
            DataUsed = statement.Disclosures.DataUsed,
            PublicParent = statement.Disclosures.PublicParent,
            ClaimedTiter = statement.Claim?.Titer,
        };
    }

    private static ReadSubmission Refused(string file, PluginProblem problem) =>
        new(new PluginVerdict(file, Path.GetFileName(file), null, [problem]), null, null);
}
