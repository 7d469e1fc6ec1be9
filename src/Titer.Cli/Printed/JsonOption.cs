using System.CommandLine;

namespace Titer.Cli.Printed;

/// <summary><c>--json</c> of a verb: one document on stdout, and everything else that is said on stderr.</summary>
internal sealed class JsonOption : Option<bool>
{
    /// <param name="schema">Name of the document in <see cref="PrintedSchemas"/>.</param>
    /// <param name="description">What it prints, where that is not what the verb prints otherwise.</param>
    public JsonOption(string schema, string description = "Print it as JSON")
        : base("--json")
    {
        Description = $"{description}: 'titer schema {schema}'.";
        Schema = schema;
    }

    public string Schema { get; }
}
