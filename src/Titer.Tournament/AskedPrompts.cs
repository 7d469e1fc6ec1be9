namespace Titer.Tournament;

/// <summary>What the evaluations of a scenario ask: no result speaks of other prompts.</summary>
/// <param name="Templates">Names, in order.</param>
/// <param name="Harm">Ids of the forbidden prompts by exposure, in order.</param>
/// <param name="Utility">Ids of the benign reference prompts, in order.</param>
/// <param name="Trainability">Ids of the unseen task's prompts, in order.</param>
public sealed record AskedPrompts(IReadOnlyList<string> Templates, IReadOnlyDictionary<Exposure, IReadOnlyList<string>> Harm,
    IReadOnlyList<string> Utility, IReadOnlyList<string> Trainability)
{
    private const int MostWrappers = 16;
    private const string OfAttacker = "attack/";

    /// <summary>What most results of a folder speak of, where the scenario is not at hand: runs can be held against one another only where they
    /// agree.</summary>
    public static AskedPrompts MostOf(IReadOnlyCollection<PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var asked = results.SelectMany(Of).ToArray();
        return new AskedPrompts(
            Most(asked.Select(a => a.Templates)),
            Enum.GetValues<Exposure>().ToDictionary(e => e, e => Most(asked.Where(a => a.Exposure == e).Select(a => a.Harm))),
            Most(asked.Select(a => a.Utility)),
            Most(results.Select(r => r.Assessment?.TrainabilityPrompts).OfType<IReadOnlyList<string>>()));
    }

    private static IEnumerable<(Exposure Exposure, IReadOnlyList<string> Templates, IReadOnlyList<string> Harm,
        IReadOnlyList<string> Utility)> Of(PhaseResult result) => result switch
    {
        { Trajectory: { } t } => [(result.Exposure, t.Templates, t.HarmPrompts, t.UtilityPrompts)],
        { Assessment: { } a } => [(Exposure.None, a.Templates, a.HarmPrompts, a.UtilityPrompts)],
        _ => [],
    };

    private static IReadOnlyList<string> Most(IEnumerable<IReadOnlyList<string>> lists) =>
        // Whoever read many keeps each list once: a hundred thousand results are told apart without looking into them.
        lists.CountBy<IReadOnlyList<string>, IReadOnlyList<string>>(l => l, ReferenceEqualityComparer.Instance)
            .GroupBy(l => string.Join('\u001f', l.Key))
            .OrderByDescending(g => g.Sum(l => l.Value)).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.First().Key ?? [];

    /// <summary>Whether a result that names these speaks of what was asked.</summary>
    /// <param name="ofAttack">An attack may have ways to ask of its own, behind the scenario's templates.</param>
    internal bool AreThese(IReadOnlyList<string> templates, IReadOnlyList<string> harm, IReadOnlyList<string> utility, Exposure exposure,
        bool ofAttack) => AreTemplates(templates, ofAttack) && AreSame(harm, Harm[exposure]) && AreSame(utility, Utility);

    internal static bool AreSame(IReadOnlyList<string> prompts, IReadOnlyList<string> asked) =>
        ReferenceEquals(prompts, asked) || prompts.SequenceEqual(asked);

    private bool AreTemplates(IReadOnlyList<string> templates, bool ofAttack)
    {
        if (ReferenceEquals(templates, Templates)) return true;
        var own = templates.Skip(Templates.Count).ToArray();
        return templates.Take(Templates.Count).SequenceEqual(Templates)
            && (own.Length == 0 || (ofAttack && own.Length <= MostWrappers && own.All(t => t.StartsWith(OfAttacker, StringComparison.Ordinal))
                && own.Distinct().Count() == own.Length));
    }
}
