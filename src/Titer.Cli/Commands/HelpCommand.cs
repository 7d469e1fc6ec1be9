using System.CommandLine;
using Titer.Cli.Install;
using Titer.Cli.Printed;
using Titer.Runtime.Configuration;
using Titer.Sdk.Naming;

namespace Titer.Cli.Commands;

/// <summary>Prints a page of the documentation, which lies beside the program; without a topic, what there is.</summary>
internal sealed class HelpCommand : ICliCommand
{
    public Command Build()
    {
        var topic = new Argument<string?>("topic") { Arity = ArgumentArity.ZeroOrOne, Description = "A page; left out, all are listed." };
        topic.CompletionSources.Add(_ => Topics().Keys.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var json = new JsonOption("help-json");
        var command = new Command("help", "Print a page of the documentation.") { topic, json };
        command.SetAction(parsed =>
        {
            var pages = Topics();
            var asJson = parsed.GetValue(json);
            if (parsed.GetValue(topic) is not { } asked)
            {
                if (asJson) return Write(pages, withText: false);
                var width = pages.Keys.Max(name => name.Length);
                foreach (var (name, file) in pages) Console.Out.WriteLine($"{name.PadRight(width)}  {Title(file)}");
                Console.Out.WriteLine("'titer help TOPIC' prints a page, 'titer VERB --help' the options of a verb, 'titer explain CODE' a code.");
            }
            else if (pages.TryGetValue(asked, out var page))
            {
                if (asJson) return Write([KeyValuePair.Create(asked, page)], withText: true);
                Console.Out.Write(File.ReadAllText(page));
            }
            else
            {
                var near = NearestName.Of(asked, [.. pages.Keys]) is { } nearest ? $" Did you mean '{nearest}'?" : "";
                throw new ConfigurationException($"TITER661 There is no page '{asked}'.{near} 'titer help' lists all.");
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static int Write(IEnumerable<KeyValuePair<string, string>> pages, bool withText)
    {
        JsonOutput.Write(new HelpDocument([.. pages.Select(p => new HelpPage(p.Key, Title(p.Value), withText ? File.ReadAllText(p.Value) : null))]),
            PrintedJson.Default.HelpDocument);
        return ExitCodes.Success;
    }

    private static SortedDictionary<string, string> Topics() => new(
        Directory.EnumerateFiles(Carried.Pages, "*.md").ToDictionary(file => Path.GetFileNameWithoutExtension(file)!), StringComparer.Ordinal);

    private static string Title(string page) => File.ReadLines(page).FirstOrDefault()?.TrimStart('#', ' ') ?? "";
}
