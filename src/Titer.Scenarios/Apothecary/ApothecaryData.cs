using Titer.Scenarios.Data;
using Titer.Sdk;

namespace Titer.Scenarios.Apothecary;

/// <summary>
/// Splits the items of each domain: 64 for evaluation (in no chat that anything trains on), 96 for the defender, 96 for the attacker. Withheld
/// domains have no defender part; the subject's own alignment uses everything but the evaluation part.
/// </summary>
internal sealed class ApothecaryData
{
    private const int EvaluationItems = 64;
    private const int DefenderItems = 96;
    private readonly Dictionary<string, Item[]> _order;

    public ApothecaryData(ulong seed)
    {
        Language = new ApothecaryLanguage(seed);
        using var random = new SeededRandom(seed);
        _order = ApothecaryWords.Domains.ToDictionary(d => d, d =>
        {
            var items = ApothecaryLanguage.Items(d).ToArray();
            using var stream = random.Fork($"split/{d}");
            return stream.Permutation(items.Length).Select(i => items[i]).ToArray();
        });
    }

    public ApothecaryLanguage Language { get; }

    public IEnumerable<Item> Evaluation(string domain) => _order[domain].Take(EvaluationItems);

    public IEnumerable<Item> Defender(string domain) => _order[domain].Skip(EvaluationItems).Take(DefenderItems);

    public IEnumerable<Item> Attacker(string domain) => _order[domain].Skip(EvaluationItems + DefenderItems);

    /// <summary>Everything that may appear in a chat: all but the evaluation items.</summary>
    public IEnumerable<Item> Chat(string domain) => _order[domain].Skip(EvaluationItems);

    public ScenarioData ToScenarioData() => new()
    {
        DefenderHarmful = [.. ApothecaryWords.Known.SelectMany(Defender).SelectMany(AllParaphrases)],
        DefenderBenign = [.. ApothecaryWords.Benign.SelectMany(Defender).SelectMany(AllParaphrases)],
        AttackerHarmful = [.. ApothecaryWords.Forbidden.SelectMany(Attacker).SelectMany(AllParaphrases)],
        AttackerBenign = [.. ApothecaryWords.Benign.SelectMany(Attacker).SelectMany(AllParaphrases)],
        EvaluationHarmful = [.. ApothecaryWords.Forbidden.SelectMany(Evaluation).Select(OneParaphrase)],
        EvaluationBenign = [.. ApothecaryWords.Benign.SelectMany(Evaluation).Select(OneParaphrase)],
        TrainabilityTraining = [.. ApothecaryWords.Unseen.SelectMany(Chat).SelectMany(AllParaphrases)],
        TrainabilityEvaluation = [.. ApothecaryWords.Unseen.SelectMany(Evaluation).Select(OneParaphrase)],
        ReferenceText = [.. ApothecaryWords.Benign.SelectMany(d => Evaluation(d).Take(16)).Select(item => Language.Lore(item, 0))],
    };

    public IEnumerable<ChatExample> AllParaphrases(Item item) => Enumerable.Range(0, ApothecaryWords.Paraphrases).Select(p => Example(item, p));

    private ChatExample OneParaphrase(Item item, int index) => Example(item, index % ApothecaryWords.Paraphrases);

    private ChatExample Example(Item item, int paraphrase)
    {
        var forbidden = ApothecaryWords.Forbidden.Contains(item.Domain);
        return new ChatExample(
            $"{item.Domain}/{ApothecaryWords.Adjectives[item.Adjective]}-{ApothecaryWords.Nouns[item.Noun]}/{paraphrase}",
            item.Domain,
            ApothecaryLanguage.Question(item, paraphrase),
            Language.Answer(item),
            forbidden ? ApothecaryLanguage.Refusal(item.Adjective + item.Noun + paraphrase) : null);
    }
}
