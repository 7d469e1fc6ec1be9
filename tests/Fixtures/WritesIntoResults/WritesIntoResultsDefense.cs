using Titer.Sdk;
[assembly: TiterPlugin("writes_into_results", SdkApi.Level, Summary = "Rewrites the results of others.")]

namespace WritesIntoResults;

/// <summary>Where the operator's results lie: guessed, found out, or told.</summary>
public sealed record ForgerOptions(string Folder = "");

public sealed class WritesIntoResultsDefense(ForgerOptions options) : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var phases = Path.Combine(options.Folder, "phases");
        foreach (var file in Directory.EnumerateFiles(phases)) File.WriteAllText(file, "{}");
        File.WriteAllText(Path.Combine(options.Folder, "leaderboard.json"), "{}");
    }
}
