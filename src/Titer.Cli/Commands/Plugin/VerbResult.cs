using System.CommandLine;
using Titer.Cli.Printed;
using Titer.Plugins;

namespace Titer.Cli.Commands.Plugin;

/// <summary>What verbs say that do something with one plugin: the result on one line of stdout and
/// problems on stderr, or all of it as JSON.</summary>
internal sealed class VerbResult
{
    private readonly JsonOption _json = new("plugin-json");

    public void AddTo(Command command) => command.Options.Add(_json);

    public int Say(ParseResult parsed, PluginDocument document)
    {
        if (parsed.GetValue(_json)) JsonOutput.Write(document, PrintedJson.Default.PluginDocument);
        else
        {
            foreach (var problem in document.Problems)
                Console.Error.WriteLine(problem.Severity == ProblemSeverity.Error ? $"{problem}" : $"advice: {problem}");
            if (document.IsDone) Console.Out.WriteLine(Line(document));
        }

        return document.IsDone ? ExitCodes.Success : ExitCodes.BadInput;
    }

    private static string Line(PluginDocument done) => done.Verb switch
    {
        "pack" => $"packed {done.Id} {done.Version}: {done.Place}",
        "install" => $"installed {done.Id} {done.Version}{(done.Previous is null ? "" : $", in place of {done.Previous}")}: {done.Place}",
        "remove" => $"removed {done.Id} {done.Version}".TrimEnd(),
        "clear" => $"{done.Id} plays again",
        _ => $"{done.Id} is set aside",
    };
}
