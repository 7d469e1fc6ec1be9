using System.CommandLine;
using Titer.Cli.Terminal;
using Titer.Files;
using Titer.League;
using Titer.League.Configuration;
using Titer.League.Submissions;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.View.Hosting;

namespace Titer.Cli.Commands;

/// <summary>Plays a league until it is stopped: what is dropped into its folders is a row.</summary>
internal sealed class ServeCommand(Quarantine quarantine, TiterHome home) : ICliCommand
{
    private const string TokenFileName = "submit.token";

    private readonly Argument<string> _file =
        new("league.yaml") { Description = "The league's file, or its folder.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "." };
    private readonly DeviceOption _device = new("auto, cpu, cuda (all visible GPUs) or cuda:N (that one).");
    private readonly SandboxOption _sandbox = new();
    private readonly PolicyOption _policy = new();
    private readonly PageSettings _page = new();
    private readonly Option<bool> _noPage = new("--no-page") { Description = "Open no page to look at." };
    private readonly Option<int?> _lanes =
        new("--lanes") { Description = "Phases played at the same time; default the file's, or one per core, on CUDA one per visible GPU." };

    public Command Build()
    {
        _lanes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1024) result.AddError("TITER610 --lanes must be between 1 and 1024.");
        });
        var command = new Command("serve", "Play a league until it is stopped: a plugin or package that is dropped into its folders is one row.");
        command.Arguments.Add(_file);
        foreach (var option in new Option[] { _device.Option, _lanes, _sandbox, _policy, _noPage }) command.Options.Add(option);
        _page.AddTo(command);
        command.SetAction((parsed, _) => ServeAsync(parsed));
        return command;
    }

    private async Task<int> ServeAsync(ParseResult parsed)
    {
        // Before anything is opened: from here on a signal is heard.
        using var interrupt = new InterruptSignals(Console.Out.WriteLine, "titer serve");
        var file = LeagueFileReader.Read(parsed.GetValue(_file)!);
        var device = TournamentOptions.ResolveDevice(
            _device.IsGiven(parsed) ? _device.Of(parsed) : file.Tournament.Device ?? _device.Of(parsed));
        var protection = WorkerProtection.Detect(_sandbox.Of(parsed));
        Console.WriteLine(protection.SandboxText);
        // Whoever can write into the watched folders has code played here.
        if (_sandbox.Of(parsed) != SandboxMode.Off)
            Console.WriteLine(await Strangers.ProvenAsync("TITER685 A league plays plugins that are dropped", protection, device != "cpu"));
        var isFaulted = await LeagueServer.ServeAsync(file, new LeagueHost
        {
            Version = TournamentOptions.HostVersion,
            BundledPlugins = TournamentOptions.BundledPlugins,
            WorkerDll = WorkerProgram.Dll,
            Protection = protection,
            Key = ResultKey.OfRun(home.ResultKeyFile, Console.Error.WriteLine),
            Quarantine = quarantine,
            Policy = _policy.Of(parsed),
            Device = device,
            Lanes = parsed.GetValue(_lanes),
            Say = Console.Out.WriteLine,
            // The page reads the results folder, and nothing that plays waits for it.
            Show = parsed.GetValue(_noPage) ? null
                : async (folder, inbox) => await PageSettings.OpenAsync(
                    _page.Of(parsed, home, [folder]) with { Uploads = inbox is null ? null : UploadsTo(inbox) }, CancellationToken.None),
        }, new StopSignals(interrupt.Drain, interrupt.Abort));
        return isFaulted ? ExitCodes.MachineFault : ExitCodes.Success;
    }

    private UploadOptions UploadsTo(SubmissionInbox inbox)
    {
        var file = Path.Combine(home.Path, TokenFileName);
        var token = PageToken.Of(file);
        Console.WriteLine($"Submissions are taken at {SubmissionDoor.Path} with the token in {file}, {inbox.MostBytes >> 20} MB at most.");
        return new UploadOptions(token, inbox.MostBytes, inbox.Folder, upload =>
        {
            var (sha256, refusal) = inbox.Take(upload);
            return new TakenUpload(sha256, refusal);
        });
    }
}
