using Titer.Plugins;

namespace Titer.Cli.Printed;

/// <summary>What the verbs under <c>titer plugin</c> print with <c>--json</c> that do something with one plugin.</summary>
/// <param name="Verb"><c>pack</c>, <c>install</c>, <c>remove</c>, <c>clear</c> or <c>set</c>.</param>
/// <param name="IsDone">False where it was refused: the problems say why.</param>
/// <param name="Id">Null where it is not known.</param>
/// <param name="Place">The package, or the folder that it was installed in; null where it lies nowhere.</param>
/// <param name="Previous">Version that it replaced.</param>
internal sealed record PluginDocument(string Verb, bool IsDone, string? Id, string? Version, string? Place, string? Previous,
    IReadOnlyList<PluginProblem> Problems);
