using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;

namespace Titer.Cli.Commands.Plugin;

/// <summary>Installs a plugin from a package file, or by id from a folder of packages.</summary>
internal sealed class InstallVerb(TiterHome home) : IPluginVerb
{
    private readonly PolicyOption _policy = new();

    public Command Build()
    {
        var package = new Argument<string>("package") { Description = "A .nupkg file, or the id of a package or plugin in --source." };
        var source = new Option<string?>("--source") { Description = "Folder of .nupkg files to look the id up in." };
        var version = new Option<string?>("--version") { Description = "Version to install; the newest when left out." };
        var command = new Command("install", "Install a plugin from a package.") { package, source, version, _policy };
        command.Validators.Add(result =>
        {
            if (result.GetValue(version) is not null && result.GetValue(source) is null)
                result.AddError("TITER610 --version needs --source, the folder to choose from.");
        });
        var said = new VerbResult();
        said.AddTo(command);
        command.SetAction(parsed => said.Say(parsed, Install(parsed.GetValue(package)!, parsed.GetValue(source), parsed.GetValue(version),
            new PluginGate(_policy.Of(parsed)))));
        return command;
    }

    private PluginDocument Install(string package, string? source, string? version, PluginGate gate)
    {
        string[] bundled = [.. PluginCatalog.Scan([TournamentOptions.BundledPlugins], gate).Plugins.Keys];
        var installer = new PluginInstaller(home, gate, bundled);
        var outcome = source is null ? installer.Install(package) : installer.InstallFrom(source, package, version);
        return new PluginDocument("install", outcome.Record is not null, outcome.Record?.Id, outcome.Record?.Version,
            outcome.Record is { } record ? Path.Combine(home.PluginsFolder, record.Id) : null, outcome.Previous?.Version,
            outcome.Problems) { Standing = outcome.Record?.Standing };
    }
}
