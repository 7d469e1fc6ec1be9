using System.CommandLine;
using Titer.Cli.Install;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Judges;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>The arguments that every verb about a tournament shares, and the tournament that they name.</summary>
internal sealed class TournamentOptions
{
    private readonly Argument<string?> _file =
        new("tournament.yaml") { Arity = ArgumentArity.ZeroOrOne,
            Description = "The tournament file; without one, the embedded tournament 'apothecary'." };
    private readonly Option<string[]> _plugins = new("--plugins") { Description = "More plugin folders.", AllowMultipleArgumentsPerToken = true };
    private readonly DeviceOption _device = new("auto, cpu, cuda (all visible GPUs) or cuda:N (that one).");
    private readonly Option<int[]> _seeds =
        new("--seeds") { Description = "Seeds to play, in place of the file's.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _only =
        new("--only") { Description = "Plugin ids to keep; the baselines always stay, and every attack where none is named.",
            AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> _full = new("--full") { Description = "Play every attack to the end: no early stopping." };
    private readonly Option<bool> _long = new("--long") { Description = "The long-horizon tier: the scenario's long attack budget." };
    private readonly Option<string?> _tier = TierOption();
    private readonly Option<bool> _aa = new("--aa") { Description = "Enter every defense twice: what differs between twins is noise." };
    private readonly Option<string?> _protocol =
        new("--protocol") { Description = "How somebody else attacks, by name: 'titer protocol' lists them. The file's own keys win." };
    private readonly PolicyOption _policy = new();
    private readonly Option<string?> _out = new("--out") { Description = "Results folder; default results/<name>." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_file);
        Option[] all = [_plugins, _device.Option, _seeds, _only, _full, _long, _tier, _aa, _protocol, _policy, _out];
        foreach (var option in all) command.Options.Add(option);
    }

    /// <summary>The file that is named, or the embedded one.</summary>
    public TournamentFile Read(ParseResult parsed) => TournamentFileReader.Read(parsed.GetValue(_file), parsed.GetValue(_protocol));

    /// <param name="quarantine">What is not played; null takes the user's.</param>
    /// <param name="file">In place of the one that is named.</param>
    public ResolvedTournament Resolve(ParseResult parsed, Quarantine? quarantine = null, TournamentFile? file = null)
    {
        file ??= Read(parsed);
        if (parsed.GetValue(_tier) is { } tier)
            file = file with { Scenario = new Positioned<string>(ScenarioOfTier(tier, file), file.Scenario?.Line ?? 0, file.Scenario?.Column ?? 0) };
        var policy = _policy.Of(parsed);
        var catalog = PluginCatalog.Scan(PluginSources(parsed, file), new PluginGate(policy));
        var seeds = parsed.GetValue(_seeds);
        var tournament = new TournamentResolver(file, catalog, quarantine ?? new Quarantine(TiterHome.FromEnvironment().QuarantineFile),
            HostVersion).Resolve(new RunOverrides
        {
            Seeds = seeds is { Length: > 0 } ? seeds.Distinct().ToArray() : null,
            Only = parsed.GetValue(_only) ?? [],
            Device = ResolveDevice(_device.IsGiven(parsed) ? _device.Of(parsed) : file.Device ?? _device.Of(parsed)),
            Full = parsed.GetValue(_full),
            LongHorizon = parsed.GetValue(_long),
            Aa = parsed.GetValue(_aa),
        });
        tournament = tournament.WithBundled(catalog.HashesIn(BundledPlugins));
        return tournament with
        {
            Spec = tournament.Spec with { Policy = PolicyOption.NoteOf(policy) },
            Assets = tournament.Assets with { Verdicts = new VerdictStore(TiterHome.FromEnvironment().VerdictsFolder) },
            File = tournament.File with { Plugins = [.. tournament.File.Plugins, .. (parsed.GetValue(_plugins) ?? []).Select(Path.GetFullPath)] },
        };
    }

    /// <summary>What was found or named and does not play, or not as it was given: to stderr, before anything is played.</summary>
    public static void SayWhatIsLeftOut(ResolvedTournament tournament)
    {
        foreach (var fact in tournament.File.ProtocolFacts) Console.Error.WriteLine(fact);
        var spec = tournament.Spec;
        var entered = spec.Defenses.Concat(spec.Attacks).DistinctBy(e => e.Label).ToArray();
        foreach (var refused in tournament.Catalog.Refused.Where(r => entered.All(e => e.Id != r.Name)))
            Console.Error.WriteLine($"Not played: {refused.Name}: {refused.Problems[0]}");
        foreach (var entrant in entered)
            if (entrant.Refusal is { } why) Console.Error.WriteLine($"Not played: {entrant.Label}: {why.Code} {why.Reason}");
        foreach (var shadowed in tournament.Catalog.Shadowed) Console.Error.WriteLine(shadowed);
        foreach (var loss in tournament.Assets.Scenario.Losses) Console.Error.WriteLine($"Data: {loss}");
    }

    private static Option<string?> TierOption()
    {
        var option = new Option<string?>("--tier") { Description =
            "Size of the embedded scenario: small, or standard once it is built (titer scenario build apothecary --tier standard)." };
        option.AcceptOnlyFromAmong([.. ApothecaryTier.All.Select(tier => tier.Name)]);
        return option;
    }

    private static string ScenarioOfTier(string name, TournamentFile file) =>
        file.Scenario is { Value: var other } && ApothecaryTier.All.All(tier => tier.ScenarioName != other)
            ? throw new ConfigurationException(file.Path, file.Scenario.Line, file.Scenario.Column,
                $"TITER651 --tier is a size of the embedded scenario, and the tournament plays '{other}'. Leave --tier out, or the key 'scenario'.")
            : ApothecaryTier.All.Single(tier => tier.Name == name).ScenarioName;

    /// <summary>Somebody asked for a part of the tournament.</summary>
    public bool IsPart(ParseResult parsed) => parsed.GetValue(_only) is { Length: > 0 } || parsed.GetValue(_seeds) is { Length: > 0 };

    public string ResultsFolder(ParseResult parsed, TournamentSpec spec) => parsed.GetValue(_out) ?? Path.Combine("results", spec.Name);

    public static string HostVersion => Carried.Version;

    /// <summary>The folder beside the program.</summary>
    public static string BundledPlugins { get; } = Path.Combine(AppContext.BaseDirectory, "plugins");

    /// <summary>The folder beside the program, that of installed plugins, and the command line's.</summary>
    public static PluginSource[] PluginSources(IEnumerable<string> named)
    {
        var installed = TiterHome.FromEnvironment().PluginsFolder;
        return
        [
            new(BundledPlugins, PluginOrigin.Bundled),
            .. Directory.Exists(installed) ? [new PluginSource(installed, PluginOrigin.Installed)] : Array.Empty<PluginSource>(),
            .. named.Select(folder => new PluginSource(Path.GetFullPath(folder), PluginOrigin.CommandLine)),
        ];
    }

    private PluginSource[] PluginSources(ParseResult parsed, TournamentFile file) =>
    [
        .. PluginSources(parsed.GetValue(_plugins) ?? []),
        .. file.Plugins.Select(p => new PluginSource(file.FullPath(p), PluginOrigin.TournamentFile)),
    ];

    /// <summary>This process never loads torch: "auto" is CUDA where there is a GPU to see and the workers' libtorch can use it.</summary>
    public static string ResolveDevice(string device) =>
        device != "auto" ? device : VisibleGpus.Count() > 0 && VisibleGpus.TorchHasCuda(Path.GetDirectoryName(WorkerProgram.Dll)!) ? "cuda" : "cpu";
}
