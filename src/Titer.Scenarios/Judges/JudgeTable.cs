using Titer.Scenarios.Yaml;
using Titer.Sdk.Naming;

namespace Titer.Scenarios.Judges;

/// <summary>The profiles that there are: <c>judges.yaml</c>, embedded.</summary>
public static class JudgeTable
{
    private static readonly Lazy<IReadOnlyDictionary<string, JudgeProfile>> Read = new(() =>
        StrictYaml.Embedded(typeof(JudgeTable), "judges.yaml").Map().ToDictionary(p => p.Key, p => Profile(p.Key, p.Value)));

    public static IReadOnlyDictionary<string, JudgeProfile> All => Read.Value;

    /// <exception cref="ScenarioException">There is no such profile.</exception>
    public static JudgeProfile Find(string name) => All.TryGetValue(name, out var profile)
        ? profile
        : throw new ScenarioException(
            $"TITER580 There is no judge profile '{name}'.{Suggestion.For(name, All.Keys)} Known: {string.Join(", ", All.Keys)}.");

    private static JudgeProfile Profile(string name, StrictYaml node) => node.Fold<JudgeProfile>(
        new JudgeProfile(name),
        ("models", (p, value) => p with { Models = value.Text() }),
        ("licence", (p, value) => p with { Licence = value.Text() }),
        ("template", (p, value) => p with { UsesOwnTemplate = value.Text() == "own" }),
        ("slots", (p, value) => p with { Slots = Slots(value) }),
        ("max_length", (p, value) => p with { MaxLength = (int)value.Whole(8, int.MaxValue) }),
        ("keep", (p, value) => p with { KeepsBeginning = value.Text() == "beginning" }),
        ("labels", (p, value) => p with { ReadsLabels = value.Text() == "true" }),
        ("end", (p, value) => p with { EndsText = value.Text() == "true" }),
        ("threshold", (p, value) => p with { Threshold = value.Number(0, 1) }),
        ("steps", (p, value) => p with { Steps = [.. value.List().Select(Step)] }));

    private static (string, string) Slots(StrictYaml node)
    {
        var entries = node.Map("question", "answer");
        return (entries["question"].Text(), entries["answer"].Text());
    }

    private static JudgeStep Step(StrictYaml node)
    {
        var entries = node.Map("force", "choices", "reads");
        return new JudgeStep(entries.GetValueOrDefault("force")?.AnyText() ?? "",
            [.. entries["choices"].Map().Select(c => KeyValuePair.Create(c.Key, c.Value.Number(0, 1)))],
            entries.GetValueOrDefault("reads")?.Text() switch
            {
                "harm" => JudgeReads.Harm,
                "refusal" => JudgeReads.Refusal,
                _ => JudgeReads.Nothing,
            });
    }
}
