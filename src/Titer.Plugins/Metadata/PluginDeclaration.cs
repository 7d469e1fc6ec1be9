namespace Titer.Plugins.Metadata;

/// <summary>The values of <c>[assembly: TiterPlugin(...)]</c>.</summary>
internal static class PluginDeclaration
{
    private const string Attribute = "Titer.Sdk.TiterPluginAttribute";

    public static bool IsIn(AssemblyFile file) => file.Attributes(file.Reader.GetAssemblyDefinition().GetCustomAttributes(), Attribute).Any();

    public static (string Id, int ApiLevel, IReadOnlyDictionary<string, object?> Named) Read(AssemblyFile file)
    {
        var value = file.Attributes(file.Reader.GetAssemblyDefinition().GetCustomAttributes(), Attribute).First();
        return (
            value.FixedArguments[0].Value as string ?? "",
            value.FixedArguments.Length > 1 && value.FixedArguments[1].Value is int level ? level : 0,
            value.NamedArguments.ToDictionary(a => a.Name!, a => a.Value));
    }
}
