using System.Globalization;
using Titer.Models.Tokenizers;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Data;

/// <summary>
/// Every row of a scenario as the token sequences that will be played, held against what the
/// subject reads: no length and no id is first noticed by a
/// forward pass. Loads no torch.
/// </summary>
/// <param name="path">The scenario file, for messages.</param>
/// <param name="names">Domains that a message may repeat; null for all.</param>
internal sealed class RowFit(string path, ITextTokenizer tokenizer, ChatFormat format, ModelShape shape, Truncation? truncation,
    IReadOnlySet<string>? names = null)
{
    /// <summary>What an answer may have when neither the scenario nor a reference answer says.</summary>
    private const int FewestNewTokens = 12;

    /// <summary>As the first, where some evaluation rows have no reference answer to go by: a refusal is told within this.</summary>
    private const int FewestUnknownTokens = 64;

    /// <summary>What an answer may have at most unless the scenario says more: evaluations take as long as their longest answer.</summary>
    private const int MostNewTokens = 512;

    private readonly List<string> _facts = [];
    private readonly List<string> _losses = [];
    private readonly List<(string Part, string Place, int Tokens, bool IsQuestion)> _tooLong = [];

    /// <summary>What was cut, left out or derived, a line each.</summary>
    public IReadOnlyList<string> Facts => _facts;

    /// <summary>Those of them by which something does not play as it was given.</summary>
    public IReadOnlyList<string> Losses => _losses;

    /// <summary>The data with evaluation prompts cut and rows without anything to learn left out, as declared.</summary>
    /// <exception cref="ScenarioException">A row is too long and nothing is declared, an id has no
    /// embedding, or nothing of a domain is left.</exception>
    public (ScenarioData Data, int MaxNewTokens) Apply(ScenarioData data, int? declaredNewTokens, IReadOnlyList<PromptTemplate> templates)
    {
        if (truncation is { } declared && declared.MaxLength > shape.MaxLength)
            throw new ScenarioException(
                $"{path}: TITER536 data.max_length {declared.MaxLength} is more than the subject reads: {shape.MaxLength} tokens. Declare at "
                    + "most that.");
        var result = data with
        {
            DefenderHarmful = Training("defender_harmful", data.DefenderHarmful),
            DefenderBenign = Training("defender_benign", data.DefenderBenign),
            AttackerHarmful = Training("attacker_harmful", data.AttackerHarmful),
            AttackerBenign = Training("attacker_benign", data.AttackerBenign),
            TrainabilityTraining = Training("trainability_training", data.TrainabilityTraining),
        };
        Texts(data.ReferenceText);
        var newTokens = declaredNewTokens ?? NewTokens(data, templates);
        result = result with
        {
            EvaluationHarmful = Asked("evaluation_harmful", data.EvaluationHarmful, newTokens, templates),
            EvaluationBenign = Asked("evaluation_benign", data.EvaluationBenign, newTokens, [PromptTemplate.Plain]),
            TrainabilityEvaluation = Asked("trainability_evaluation", data.TrainabilityEvaluation, newTokens, [PromptTemplate.Plain]),
        };
        // Their right answers have a loss too.
        Training("trainability_evaluation", result.TrainabilityEvaluation);
        if (_tooLong.Count > 0) throw TooLong(newTokens);
        return (result, newTokens);
    }

    private IReadOnlyList<ChatExample> Training(string part, IReadOnlyList<ChatExample> examples)
    {
        var (kept, cut) = (new List<ChatExample>(examples.Count), 0);
        foreach (var example in examples)
        {
            var (isCut, isLeftOut) = (false, false);
            foreach (var answer in example.Refusal is { } refusal && part == "defender_harmful"
                ? (string[])[example.Answer, refusal]
                : [example.Answer])
            {
                var row = Checked(part, example, Written(part, example, () => format.Chat(example, answer)));
                if (truncation is null)
                {
                    if (row.Tokens.Length > shape.MaxLength) _tooLong.Add((part, Place(part, example), row.Tokens.Length, false));
                    continue;
                }

                isCut |= row.Tokens.Length > truncation.MaxLength;
                isLeftOut |= truncation.Cut(row) is null;
            }

            if (!isLeftOut) kept.Add(example);
            cut += isCut && !isLeftOut ? 1 : 0;
        }

        if (cut > 0)
            Lose(FormattableString.Invariant(
                $"{part}: {cut} of {examples.Count} rows are longer than max_length {truncation!.MaxLength} and truncated on the {Side}"));
        if (kept.Count == examples.Count) return examples;
        Lose(string.Create(CultureInfo.InvariantCulture, $"{part}: {examples.Count - kept.Count} of {examples.Count} rows are left out: "
            + $"their question alone is longer than max_length {truncation!.MaxLength}"));
        // Forbidden and trainability domains are measured one by one; of the others any row will do.
        var isMeasured = !part.EndsWith("_benign", StringComparison.Ordinal);
        if (examples.Select(e => e.Domain)
            .FirstOrDefault(domain => kept.Count == 0 || (isMeasured && kept.All(e => e.Domain != domain))) is { } lost)
            throw new ScenarioException(
                $"{path}: TITER536 Of the "
                    + $"domain {(names is null || names.Contains(lost) ? $"'{lost}'" : $"of {lost.Length} characters")} in {part} no row is "
                    + $"left: each question alone is longer than data.max_length {truncation.MaxLength}. Raise it, declare truncation_side: "
                    + "left, or give shorter rows.");
        return kept;
    }

    private IReadOnlyList<ChatExample> Asked(string part, IReadOnlyList<ChatExample> examples, int newTokens,
        IReadOnlyList<PromptTemplate> templates)
    {
        var room = Room(newTokens);
        var (asked, cut) = (new List<ChatExample>(examples.Count), 0);
        foreach (var example in examples)
        {
            var longest = Longest(part, example, templates);
            if (longest > room && truncation is null) _tooLong.Add((part, Place(part, example), longest, true));
            if (longest <= room || truncation is null)
            {
                asked.Add(example);
                continue;
            }

            cut++;
            asked.Add(QuestionCut.Of(example, truncation.Side, question => Longest(part, question, templates) <= room)
                ?? throw new ScenarioException(
                    $"{path}: TITER536 {Place(part, example)} does not fit even with an empty question: what stands around it takes more "
                        + $"than {room} tokens. "
                    + "Remove the row, lower evaluation.max_new_tokens, or shorten its earlier messages and the templates."));
        }

        if (cut > 0)
            Lose(string.Create(CultureInfo.InvariantCulture,
                $"{part}: {cut} of {examples.Count} questions are too long beside {newTokens} new tokens "
                    + $"and truncated on the {Side}, inside their marks"));
        return cut > 0 ? asked : examples;
    }

    private int Longest(string part, ChatExample example, IReadOnlyList<PromptTemplate> templates) =>
        templates.Max(template => Prompt(part, example with { Prompt = template.Apply(example.Prompt) }));

    private int Prompt(string part, ChatExample example)
    {
        var tokens = Written(part, example, () => format.Prompt(example));
        CheckIds(tokens, part, example);
        return tokens.Length > 0
            ? tokens.Length
            : throw new ScenarioException(
                $"{path}: TITER538 {Place(part, example)} has a question without a token: the tokenizer knows nothing of it. Remove the row.");
    }

    /// <summary>A template may refuse a conversation: which one is part of the fact.</summary>
    private T Written<T>(string part, ChatExample example, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (ScenarioException e)
        {
            throw new ScenarioException($"{path}: {e.Message} It is {Place(part, example)}.", e);
        }
    }

    private TokenizedExample Checked(string part, ChatExample example, TokenizedExample row)
    {
        CheckIds(row.Tokens, part, example);
        return row.Tokens.Length > Math.Max(1, row.PromptLength)
            ? row
            : throw new ScenarioException(
                $"{path}: TITER538 {Place(part, example)} has no token to learn: the tokenizer knows nothing of its answer. Remove the row.");
    }

    private void Texts(IReadOnlyList<string> texts)
    {
        var cut = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            var place = FormattableString.Invariant($"Row {i + 1} of reference_text");
            var row = format.Text("", texts[i]);
            CheckIds(row.Tokens, place);
            if (row.Tokens.Length < 2) throw new ScenarioException($"{path}: TITER538 {place} has no token that could be scored. Remove the row.");
            if (truncation is null && row.Tokens.Length > shape.MaxLength) _tooLong.Add(("reference_text", place, row.Tokens.Length, false));
            if (truncation is not null && row.Tokens.Length > truncation.MaxLength) cut++;
        }

        if (cut > 0)
            Lose(FormattableString.Invariant(
                $"reference_text: {cut} of {texts.Count} rows are longer than max_length {truncation!.MaxLength} and truncated on the {Side}"));
    }

    /// <summary>As many as the longest reference answer has, end token included, where they fit beside the longest question.</summary>
    private int NewTokens(ScenarioData data, IReadOnlyList<PromptTemplate> templates)
    {
        (string Part, IReadOnlyList<ChatExample> Examples)[] parts =
            [("evaluation_harmful", data.EvaluationHarmful), ("evaluation_benign", data.EvaluationBenign),
                ("trainability_evaluation", data.TrainabilityEvaluation)];
        var answers = parts.SelectMany(part => part.Examples).Where(e => e.Answer.Length > 0).Select(e => format.Chat(e))
            .Select(row => row.Tokens.Length - row.PromptLength).ToList();
        var isKnown = parts.All(part => part.Examples.Any(e => e.Answer.Length > 0));
        var longest = Math.Max(answers.DefaultIfEmpty().Max(), isKnown ? FewestNewTokens : FewestUnknownTokens);
        var questions = parts.SelectMany(part =>
            part.Examples.Select(e => Longest(part.Part, e, part.Part == "evaluation_harmful" ? templates : [PromptTemplate.Plain])))
                .DefaultIfEmpty().Max();
        // A question that fits no answer of the usual length is refused, or cut where that is declared: it does not shorten everybody's answers.
        var limit = Math.Clamp(Room(0) - questions, Math.Min(FewestNewTokens, Math.Max(1, shape.MaxLength / 2)), MostNewTokens);
        var tokens = Math.Min(longest, limit);
        var why = !isKnown && longest == FewestUnknownTokens
            ? "some evaluation parts have no reference answers"
            : FormattableString.Invariant($"the longest reference answer has {answers.Max()}");
        var shortened = tokens < longest
            ? ", which is longer than what fits or than the default's limit; answers are shortened to it unless evaluation.max_new_tokens says more"
            : "";
        var fact = FormattableString.Invariant($"max_new_tokens: {tokens} ({why}{shortened})");
        if (tokens < longest) Lose(fact);
        else _facts.Add(fact);
        return tokens;
    }

    private void Lose(string fact)
    {
        _facts.Add(fact);
        _losses.Add(fact);
    }

    /// <summary>Tokens that a question may have.</summary>
    private int Room(int newTokens)
    {
        var room = Math.Min(shape.MaxLength, truncation?.MaxLength ?? int.MaxValue) - newTokens;
        return room > 0 ? room : throw new ScenarioException(
            $"{path}: TITER536 evaluation.max_new_tokens {newTokens} leaves no room for a question: {Limit}. Lower it.");
    }

    private string Side => truncation!.Side.ToString().ToLowerInvariant();

    private string Limit => truncation is null
        ? FormattableString.Invariant($"the subject reads {shape.MaxLength} tokens")
        : FormattableString.Invariant($"rows have at most {truncation.MaxLength} tokens (data.max_length)");

    private void CheckIds(int[] tokens, string part, ChatExample example)
    {
        if (tokens.Any(IsUnknown)) CheckIds(tokens, Place(part, example));
    }

    private void CheckIds(int[] tokens, string place)
    {
        if (Array.FindIndex(tokens, IsUnknown) is var at && at < 0) return;
        var id = tokens[at];
        throw new ScenarioException(
            $"{path}: TITER537 {place} has the token '{tokenizer.Spelling(id)}' with the id {id}, and the subject's embedding "
                + $"has {shape.Vocabulary} rows (vocab_size in config.json): it was added to the tokenizer alone. Resize the model's embeddings "
                + "to its tokenizer, or remove the token from the tokenizer's files.");
    }

    private bool IsUnknown(int id) => id < 0 || id >= shape.Vocabulary;

    private ScenarioException TooLong(int newTokens)
    {
        var (_, place, tokens, isAsked) = _tooLong[0];
        var fact = isAsked
            ? FormattableString.Invariant(
                $"has a question of {tokens} tokens, beside which {newTokens} new ones (evaluation.max_new_tokens) do not fit: {Limit}")
            : FormattableString.Invariant($"has {tokens} tokens, prompt and answer together: {Limit}");
        var others = string.Join(", ", _tooLong.DistinctBy(row => row.Place).CountBy(row => row.Part)
            .Select(count => FormattableString.Invariant($"{count.Value} of {count.Key}")));
        return new ScenarioException(
            $"{path}: TITER536 {place} {fact}. Rows that are too long: {others}. Shorten or remove "
                + $"them{(isAsked ? ", lower evaluation.max_new_tokens" : "")}, or declare that they are cut: data: {{ "
                + $"max_length: {shape.MaxLength}, truncation_side: right }} (or left).");
    }

    private string Place(string part, ChatExample example) =>
        ScenarioFiles.Place(example, names) is var place && place.StartsWith("Row ", StringComparison.Ordinal) ? place : $"{place} in {part}";
}
