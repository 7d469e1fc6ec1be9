using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Submissions;
using Titer.Runtime.Workers;
using Titer.Scenarios;

namespace Titer.Cli.Commands;

/// <summary>Says what an author's own results are worth: self-reported, consistent, or reproduced here.</summary>
internal sealed class VerifyCommand(IAnsiConsole console) : ICliCommand
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "What was handed in." };
    private readonly Option<string?> _share = new("--spot-check") { Description = "Play that part of its cells again, for example 5%." };
    private readonly Option<string?> _seed = new("--seed") { Description = "Which ones, chosen by it; default drawn now, and said." };
    private readonly Option<string?> _scenario =
        new("--scenario") { Description = "Where its scenario lies here; default the embedded one of its name." };
    private readonly Option<string[]> _plugins =
        new("--plugins") { AllowMultipleArgumentsPerToken = true, Description = "More plugin folders: attacks that did not come with titer." };
    private readonly DeviceOption _device = new("auto, cpu, cuda or cuda:N.");
    private readonly SandboxOption _sandbox = new();
    private readonly Option<string?> _record =
        new("--record") { Description = "Results folder of the league that took it in: the verdict is kept there, and stands on the row." };
    private readonly JsonOption _json = new("verify-json");

    public Command Build()
    {
        _share.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && Share(text) is null)
                given.AddError("TITER610 --spot-check is a part of all cells, above 0% and at most 100%, for example 5%.");
        });
        var command =
            new Command("verify", "Verify a submission: its signature, its own results, and cells of it that are played again.") { _bundle };
        foreach (var option in new Option[] { _share, _seed, _scenario, _plugins, _device.Option, _sandbox, _record, _json })
            command.Options.Add(option);
        command.SetAction(VerifyAsync);
        return command;
    }

    private async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var interrupt = new InterruptSignals(Console.Error.WriteLine, "titer verify");
        using var scratch = ScratchFolder.Create();
        var bundle = SubmissionBundle.Read(parsed.GetValue(_bundle)!, scratch.Path, SubmissionLimits.Default);
        var judged = SubmissionCheck.Judge(bundle, scratch.Path);
        var (standing, findings, cells) = (judged.Standing, judged.Findings.ToList(), Array.Empty<ReplayedCell>() as IReadOnlyList<ReplayedCell>);
        string? seed = null;
        if (parsed.GetValue(_share) is { } share)
        {
            seed = parsed.GetValue(_seed) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            var (played, obstacle) = judged.Standing == SubmissionStanding.Consistent
                ? await PlayAsync(parsed, bundle, judged, Share(share)!.Value, seed, scratch.Path, interrupt.Abort)
                : ([], judged.Findings.Count > 0 ? "they are not what is claimed" : "it has no results of its author's");
            cells = played;
            if (obstacle is not null) findings.Add(SpotCheck.CannotPlay(obstacle));
            findings.AddRange(SpotCheck.Findings(cells));
            if (cells.Count > 0 && cells.All(c => c.Agrees)) standing = SubmissionStanding.Reproduced;
        }

        if (parsed.GetValue(_record) is { } results)
            new SubmissionVerdict(bundle.Sha256, standing, TimeProvider.System.GetUtcNow(), seed, cells.Count, cells.Count(c => c.Agrees),
                [.. findings.Select(f => f.Text)]).Keep(results);
        Say(parsed, new VerifyDocument(bundle.Statement.Id, bundle.Statement.Version, bundle.Statement.ContentSha256, bundle.Sha256, bundle.Key,
            SubmissionVerdict.Word(standing), bundle.Statement.Claim?.Titer, seed,
            [.. cells.Select(c => new VerifiedCell(c.PhaseId, c.Title, c.IsExact, c.Agrees, c.LargestDifference))],
            [.. findings.Select(f => new SeasonProblem(f.Code, f.Text))]));
        return findings.Count == 0 ? ExitCodes.Success : ExitCodes.SomeCellFailed;
    }

    private async Task<(IReadOnlyList<ReplayedCell> Cells, string? Obstacle)> PlayAsync(ParseResult parsed, SubmissionBundle bundle,
        JudgedSubmission judged, double share, string seed, string scratch, CancellationToken abort)
    {
        var chosen = SubmissionCheck.Chosen(judged, share, seed);
        if (chosen.Count == 0) return ([], "no cell of it came to a result");
        var gate = new PluginGate(PolicyOption.OfHome());
        var home = new TiterHome(Path.Combine(scratch, "home"));
        var installed = new PluginInstaller(home, gate).Install(Path.Combine(scratch, SubmissionBundle.PackageName));
        if (installed.Record is not { } record
            || gate.Inspect(Path.Combine(home.PluginsFolder, record.Id)).Plugin is not { } plugin)
            return ([], $"the package is refused: {installed.Problems[0]}");
        var sources = TournamentOptions.PluginSources(parsed.GetValue(_plugins) ?? []);
        var known = PluginCatalog.Scan(sources, gate);
        var scenario = Scenario.Open(parsed.GetValue(_scenario) ?? judged.Spec!.Scenario);
        var device = TournamentOptions.ResolveDevice(_device.Of(parsed));
        var mode = _sandbox.Of(parsed);
        var protection = WorkerProtection.Detect(mode);
        if (mode != SandboxMode.Off)
            await Strangers.ProvenAsync("TITER708 A submission is played again, and it is a stranger's", protection, device != "cpu");
        using var folder = RunFolder.Open(Path.Combine(scratch, "played"));
        await using var executor = new WorkerExecutor(WorkerProgram.Dll, protection, folder.Path);
        var check = new SpotCheck(executor, known.With(plugin), known.HashesIn(TournamentOptions.BundledPlugins), scenario, folder);
        if (check.Obstacle(judged.Spec!, chosen, TournamentOptions.HostVersion, device) is { } obstacle) return ([], obstacle);
        return (await check.PlayAsync(judged, chosen, Console.Error.WriteLine, abort), null);
    }

    private void Say(ParseResult parsed, VerifyDocument document)
    {
        if (parsed.GetValue(_json))
        {
            JsonOutput.Write(document, PrintedJson.Default.VerifyDocument);
            return;
        }

        var output = console.Profile.Out.Writer;
        output.WriteLine($"{document.Id} {document.Version}, signed by {document.Key}: {document.Standing.Replace('_', '-')}{
            (document.Titer is { } titer ? $", titer {titer}" : "")}");
        foreach (var cell in document.Cells)
            output.WriteLine(
                $"  {VisibleText.OnOneLine(cell.Title)}: {(cell.IsExact ? "the same to the last digit" : cell.Agrees ? "the same within noise"
                : "another")}");
        if (document.Seed is { } seed) output.WriteLine($"Chosen by --seed {seed}.");
        foreach (var finding in document.Findings) output.WriteLine(VisibleText.OnOneLine(finding.Text));
    }

    /// <returns>Null where it is none.</returns>
    private static double? Share(string text) => text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint,
        CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100 ? percent / 100 : null;
}
