using System.CommandLine;
using System.Text.Json.Nodes;
using Titer.Cli.Printed;

namespace Titer.Cli.Tests;

/// <summary>Every command that prints can print JSON, and every such document has a schema.</summary>
public sealed class JsonOptionTests
{
    /// <summary>Commands whose output is no document, with the reason.</summary>
    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["completion"] = "a program for a shell",
        ["job"] = "for a cluster's log; its results are files",
        ["schema"] = "prints JSON",
        ["serve"] = "what happens stands in league.jsonl, what is so in league.json, which 'status --json' prints",
    };

    [Fact]
    public void Every_command_that_prints_has_json()
    {
        var without = Commands(DocumentedCommandsTests.Root(), "").Where(c => !c.Command.Options.Any(o => o.Name == "--json")).Select(c => c.Path);
        Assert.Equal(Exempt.Keys.Order(StringComparer.Ordinal), without.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_document_has_a_schema_and_no_schema_is_without_one()
    {
        var named = Commands(DocumentedCommandsTests.Root(), "").SelectMany(c => c.Command.Options.OfType<JsonOption>()).Select(o => o.Schema)
            .ToHashSet();
        Assert.All(named, name => Assert.Contains(name, PrintedSchemas.All.Keys));
        // Files; and what an option beside --json changes the document to.
        Assert.Equal(["phase", "report-traces-json", "season", "standing"], PrintedSchemas.All.Keys.Except(named).Order(StringComparer.Ordinal));
        Assert.All(Commands(DocumentedCommandsTests.Root(), ""), c =>
            Assert.All(c.Command.Options.Where(o => o.Name == "--json"), option => Assert.IsType<JsonOption>(option)));
    }

    public static TheoryData<string> Names() => new(PrintedSchemas.All.Keys);

    /// <summary>A schema that takes everything would be one that says nothing.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_schema_names_its_keys_and_takes_no_other_document(string name)
    {
        var schema = PrintedSchemas.All[name]();
        Assert.NotEmpty((string)schema["title"]!);
        Assert.NotEmpty(SchemaTests.Problems(schema, JsonValue.Create("no document")));
        Assert.NotEmpty(SchemaTests.Problems(schema, new JsonArray(new JsonObject { ["nothing"] = 1 })));
        if (name.EndsWith("-json", StringComparison.Ordinal)) Assert.NotEmpty(SchemaTests.Problems(schema, new JsonObject { ["nothing"] = 1 }));
    }

    private static IEnumerable<(string Path, Command Command)> Commands(Command command, string path) =>
        command.Subcommands.SelectMany(c => Commands(c, $"{path} {c.Name}".Trim()))
            .Concat(command.Action is null || path.Length == 0 ? [] : [(path, command)]);
}
