using System.CommandLine;
using System.Text.RegularExpressions;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.League;
using Titer.League.Configuration;
using Titer.League.Seasons;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Seasons;
using Titer.Runtime.Workers;

namespace Titer.Cli.Commands;

/// <summary>Opens a league's season, closes it, or computes again what it says.</summary>
internal sealed partial class SeasonCommand(IAnsiConsole console, Quarantine quarantine, TiterHome home) : ICliCommand
{
    public Command Build()
    {
        var name = new Option<string?>("--name") { Description = "What the season is called; default the league's name and a number." };
        name.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && !SeasonName().IsMatch(text))
                given.AddError("TITER610 --name is of small letters, digits, '.', '_' and '-', 60 at most.");
        });
        var hidden = new Option<string[]>("--hidden") { AllowMultipleArgumentsPerToken = true,
            Description =
                "Packages of attacks that nobody is told of: season.json has a salted hash of each, and they play once submissions are over." };
        var draw = new Option<int>("--draw") { Description = "Seeds that are drawn when submissions are over, and are played beside the file's." };
        draw.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 0 or > 1000) given.AddError("TITER610 --draw must be between 0 and 1000.");
        });
        var unfinished = new Option<bool>("--unfinished") { Description = "Close it although phases have no result." };
        return new Command("season", "Open, close or verify a season of a league: everything that can change an answer, frozen.")
        {
            Verb("open", "Freeze scenario, data, judge, attacks, budgets, seeds and host of a league in season.json.",
                [name, hidden, draw], (file, host, parsed) =>
                    (LeagueSeasons.Open(file, host, parsed.GetValue(name), parsed.GetValue(hidden), parsed.GetValue(draw)), [])),
            Verb("seal", "End submissions: nothing new enters, the operator's seeds are drawn, hidden attacks play.", [],
                (file, host, parsed) => (LeagueSeasons.Seal(file, host), [])),
            Verb("close", "End the season that is open: reveal what was hidden, check it, and keep the board.", [unfinished],
                (file, host, parsed) => (LeagueSeasons.Close(file, host, parsed.GetValue(unfinished)), [])),
            Verb("verify", "Compute again, from the league's folder, everything that a season says, and tell what differs.", [], Verified),
        };
    }

    private static (SeasonDocument, IReadOnlyList<SeasonFinding>) Verified(LeagueFile file, LeagueHost host, ParseResult parsed)
    {
        var season = LeagueSeasons.Demand(file.ResultsFolder);
        // What a season was opened for stands in it; the machine that verifies it may have another.
        return (season, SeasonCheck.Verify(file, host with { Device = season.Frozen.Play.Device }, season));
    }

    private Command Verb(string verb, string description, Option[] own,
        Func<LeagueFile, LeagueHost, ParseResult, (SeasonDocument Season, IReadOnlyList<SeasonFinding> Findings)> act)
    {
        var path = new Argument<string>("league") { Description = "The league's file, or its folder.", Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "." };
        var device = new DeviceOption("auto, cpu or cuda: what the league is served on.");
        var policy = new PolicyOption();
        var json = new JsonOption("season-json");
        var command = new Command(verb, description) { path, device.Option, policy, json };
        foreach (var option in own) command.Options.Add(option);
        command.SetAction(parsed =>
        {
            var file = LeagueFileReader.Read(parsed.GetValue(path)!);
            var host = new LeagueHost
            {
                Version = TournamentOptions.HostVersion,
                BundledPlugins = TournamentOptions.BundledPlugins,
                WorkerDll = WorkerProgram.Dll,
                Protection = WorkerProtection.Detect(SandboxMode.Off),
                Key = ResultKey.OfRun(home.ResultKeyFile, Console.Error.WriteLine),
                Quarantine = quarantine,
                Policy = policy.Of(parsed),
                Device = TournamentOptions.ResolveDevice(device.IsGiven(parsed) ? device.Of(parsed) : file.Tournament.Device ?? device.Of(parsed)),
                Say = Console.Error.WriteLine,
            };
            var (season, findings) = act(file, host, parsed);
            var at = Path.Combine(file.ResultsFolder, SeasonFile.FileName);
            if (parsed.GetValue(json))
                JsonOutput.Write(new SeasonVerbDocument(verb, findings.Count == 0, season.Frozen.Season, season.Sha256, season.IsOpen, at,
                    [.. findings.Select(f => new SeasonProblem(f.Code, f.Text))]), PrintedJson.Default.SeasonVerbDocument);
            else
            {
                var output = console.Profile.Out.Writer;
                output.WriteLine($"Season {season.Frozen.Season}, {(season.IsOpen ? "open" : "closed")}: {season.Sha256}");
                foreach (var finding in findings) output.WriteLine(VisibleText.OnOneLine(finding.Text));
                if (verb == "verify" && findings.Count == 0) output.WriteLine("Everything that it says comes out again.");
            }

            return findings.Count == 0 ? ExitCodes.Success : ExitCodes.SomeCellFailed;
        });
        return command;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,59}$")]
    private static partial Regex SeasonName();
}
