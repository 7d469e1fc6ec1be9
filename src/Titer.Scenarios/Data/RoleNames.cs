namespace Titer.Scenarios.Data;

/// <summary>Who speaks, by the names that data sets have for it.</summary>
internal sealed class RoleNames
{
    /// <summary>What a scenario writes for a role whose rows are left out.</summary>
    public const string LeaveOut = "leave_out";

    private readonly Dictionary<string, ChatRole?> _roles;

    private RoleNames(Dictionary<string, ChatRole?> roles) => _roles = roles;

    /// <summary>Null: a conversation with tools, which is no conversation between two.</summary>
    public static RoleNames Known { get; } = new(new Dictionary<string, ChatRole?>(StringComparer.OrdinalIgnoreCase)
    {
        ["system"] = ChatRole.System,
        ["developer"] = ChatRole.System,
        ["user"] = ChatRole.User,
        ["human"] = ChatRole.User,
        ["prompter"] = ChatRole.User,
        ["assistant"] = ChatRole.Assistant,
        ["gpt"] = ChatRole.Assistant,
        ["model"] = ChatRole.Assistant,
        ["bot"] = ChatRole.Assistant,
        ["chatgpt"] = ChatRole.Assistant,
        ["tool"] = null,
        ["tool_call"] = null,
        ["tool_response"] = null,
        ["function"] = null,
        ["function_call"] = null,
        ["function-call"] = null,
        ["function_response"] = null,
        ["function-response"] = null,
        ["observation"] = null,
        ["ipython"] = null,
    });

    public RoleNames With(IEnumerable<KeyValuePair<string, ChatRole?>> more)
    {
        var roles = new Dictionary<string, ChatRole?>(_roles, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, role) in more) roles[name] = role;
        return new RoleNames(roles);
    }

    /// <summary>False when there is no such name.</summary>
    public bool TryFind(string name, out ChatRole? role) => _roles.TryGetValue(name, out role);

    public override string ToString() => string.Join(", ", _roles.Where(role => role.Value is not null).Select(role => role.Key));
}
