using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Data;

/// <summary>The form of <c>subject.chat_format</c>: a name, <c>template</c> for the checkpoint's own, or the marks of each role.</summary>
internal static class ChatDeclaration
{
    public static ChatSettings Read(ChatSettings settings, StrictYaml node)
    {
        if (node.IsMapping) return settings with { Name = OwnFormat.FormatName, Marks = Marks(node) };
        var name = node.Text();
        return name == TemplateScript.FormatName || ChatTemplate.All.Any(template => template.Name == name)
            ? settings with { Name = name }
            : throw node.Problem(
                $"TITER520 There is no chat format '{name}'. Known: {ChatTemplate.Names}, {TemplateScript.FormatName} (the checkpoint's own), or "
                    + "the marks of each role (user: { prefix, suffix }, assistant: { prefix, suffix }).");
    }

    private static ChatMarks Marks(StrictYaml node)
    {
        var entries = node.Map("system", "user", "assistant", "begin");
        foreach (var role in (string[])["user", "assistant"])
            if (!entries.ContainsKey(role)) throw node.Problem($"TITER520 The chat format has no marks of '{role}'. Give its prefix and suffix.");
        return new ChatMarks(
            entries.TryGetValue("system", out var system) ? Role(system) : null, Role(entries["user"]), Role(entries["assistant"]),
            !entries.TryGetValue("begin", out var begin) || begin.Flag());
    }

    private static RoleMarks Role(StrictYaml node) => node.Fold<RoleMarks>(
        new RoleMarks(),
        ("prefix", (marks, value) => marks with { Prefix = value.AnyText() }),
        ("suffix", (marks, value) => marks with { Suffix = value.AnyText() }));
}
