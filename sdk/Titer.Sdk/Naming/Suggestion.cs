namespace Titer.Sdk.Naming;

/// <summary>"Did you mean" as a sentence.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with a leading space, or nothing when no known name is near.</summary>
    public static string For(string name, IEnumerable<string> known) =>
        NearestName.Of(name, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
}
