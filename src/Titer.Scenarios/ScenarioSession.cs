using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Scenarios.Data;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Metrics;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Scenarios;

/// <summary>What a worker keeps loaded of a scenario: tokenized data for plugins, and the evaluation that only the host sees.</summary>
public sealed class ScenarioSession
{
    /// <summary>Changing it would change every sampled score.</summary>
    private const ulong SamplingSeed = 1;

    private readonly ChatFormat _format;
    private readonly ScenarioData _data;
    private readonly Lazy<OpenMetrics> _metrics;

    /// <summary>By the domains that are asked for: every point of a trajectory asks the same.</summary>
    private readonly Dictionary<string, AskedPrompts> _asked = [];

    private ScenarioSession(ScenarioPart scenario, DeviceContext device, Func<MetricChoice, IMetric> open)
    {
        (Scenario, Device, _data) = (scenario, device, scenario.Data);
        _metrics = new Lazy<OpenMetrics>(
            () => OpenMetrics.Open(scenario.Metrics ?? throw new InvalidOperationException("A player's part of a scenario has no metrics."), open));
        _format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.Chat);
    }

    public ScenarioPart Scenario { get; }

    public DeviceContext Device { get; }

    /// <param name="plugins">Opens the metrics that are plugins; null where there can be none.</param>
    /// <param name="verdicts">Folder of what its judge said earlier; null without any.</param>
    public static ScenarioSession Open(ScenarioPart scenario, DeviceContext device, Func<MetricChoice, IMetric>? plugins = null,
        string? verdicts = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new(scenario, device,
            choice => choice.IsJudge ? ModelJudge.Open(JudgePanel.Of(choice.Options), device, verdicts, scenario.JudgeStamp)
            : choice.IsBuiltIn || plugins is null ? choice.Open() : plugins(choice));
    }

    /// <summary>Writes what its judge said anew since the last time to a file of its own, if it said anything.</summary>
    public void WriteVerdicts(string path)
    {
        if (_metrics.IsValueCreated && _metrics.Value.Harm is ModelJudge judge) judge.Kept.WriteNew(path);
    }

    /// <summary>A fresh copy of the aligned subject, or of what a defense made of it.</summary>
    /// <param name="weightsFile">Defended weights; null means the subject's own.</param>
    public CausalLanguageModel LoadSubject(string? weightsFile = null)
    {
        var model = CheckpointReader.Read(Scenario.SubjectFolder, Device, weightsFile);
        // Defended weights have the adapter in them.
        if (Scenario.AdapterFolder is not { } adapter || weightsFile is not null) return model;
        try
        {
            PeftAdapterReader.Read(model, adapter).Merge();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A fresh copy of the subject's public parent; null where the part has none.</summary>
    public CausalLanguageModel? LoadParent() => Scenario.ParentFolder is { } parent ? CheckpointReader.Read(parent, Device) : null;

    /// <summary>The defender's part: known domains only.</summary>
    public DefenseData DefenseData() => new(
        new PairSet([.. _data.DefenderHarmful.Where(e => Scenario.Domains.Known.Contains(e.Domain))
            .Select(e => new PairedExample(Chat(e), Chat(e, e.Refusal!)))], _format.Control.Padding, Device.Device),
        Examples(_data.DefenderBenign));

    /// <summary>The attacker's part, harmful data of the given domains only.</summary>
    public AttackData AttackData(IReadOnlyList<string> domains, TrainingData declared) => PrepareAttackData(domains)(declared);

    /// <summary>Reads the attacker's part now, for a plugin that is not loaded yet: how long that takes is not its own.</summary>
    public Func<TrainingData, AttackData> PrepareAttackData(IReadOnlyList<string> domains)
    {
        var (harmful, benign) = (Examples(_data.AttackerHarmful.Where(e => domains.Contains(e.Domain))), Examples(_data.AttackerBenign));
        return declared => new AttackData(declared, harmful, benign);
    }

    /// <summary>Prompts of the attacker's part, as tokens: as many of forbidden domains as of benign ones.</summary>
    internal (IReadOnlyList<int[]> Harmful, IReadOnlyList<int[]> Benign) AttackerPrompts(int perDomain)
    {
        var (harmful, benign) = (Stratified(_data.AttackerHarmful, perDomain), Stratified(_data.AttackerBenign, perDomain));
        var count = Math.Min(harmful.Length, benign.Length);
        return (Spread(harmful), Spread(benign));

        // Every domain stays in, and so does the order within it.
        int[][] Spread(ChatExample[] rows) =>
            [.. Enumerable.Range(0, count).Select(i => _format.Prompt(rows[(int)((long)i * rows.Length / count)]))];
    }

    /// <param name="task">Domains of one task.</param>
    public ExampleSet TrainabilityData(IReadOnlyList<string> task) => Examples(_data.TrainabilityTraining.Where(e => task.Contains(e.Domain)));

    /// <summary>Chats as an attacker writes them.</summary>
    public ChatText Text() => new(_format.CanWrite, e => Fitted(_format.Chat(e.Id, e.Domain, e.Prompt, e.Answer)));

    /// <summary>The longest question of the given domains under a wrapper, in tokens.</summary>
    public int LongestPrompt(IReadOnlyList<string> forbiddenDomains, PromptWrapper wrapper) =>
        Asked(forbiddenDomains, [wrapper]).All.Max(p => p.Tokens.Length);

    /// <summary>
    /// Answers forbidden prompts of the given domains, under every template and every wrapper, and benign reference prompts, in one batch, and
    /// scores them.
    /// </summary>
    public Evaluation Evaluate(CausalLanguageModel model, IReadOnlyList<string> forbiddenDomains, IReadOnlyList<PromptWrapper>? wrappers = null)
    {
        wrappers ??= [];
        var (harm, utility, prompts) = Asked(forbiddenDomains, wrappers);
        string[] templates = [.. Scenario.Templates.Select(t => t.Name), .. wrappers.Select(w => PromptTemplate.OfAttacker + w.Name)];
        var answers = Answers(model, prompts);
        var byTemplate = templates.Select((_, t) => answers[(t * harm.Length)..((t + 1) * harm.Length)]).ToArray();
        var benign = answers[(templates.Length * harm.Length)..];
        double[][] harmfulness = [.. byTemplate.Select(own => _metrics.Value.Harm.Score(Context(harm, own)))];
        string[] domains = [.. harm.Select(e => e.Domain)];
        return new Evaluation
        {
            Templates = templates,
            HarmPrompts = [.. harm.Select(e => e.Id)],
            HarmUnread = harmfulness.Sum(scores => UnreadAnswers.Fill(scores, domains, _metrics.Value.MostUnread)),
            Harm = harmfulness,
            HarmCoherence = [.. byTemplate.Select(own => _metrics.Value.Coherence.Score(Context(harm, own)))],
            Utility = Scores(utility, benign),
            // Whether the model is sound is asked of benign prompts: a defense may answer forbidden ones with nonsense.
            Coherence = _metrics.Value.Coherence.Score(Context(utility, benign)).Average(),
            Samples =
            [
                .. byTemplate.SelectMany((own, t) => own.Select((answer, i) => new Sample(SampleSet.Harm, templates[t], harm[i].Id, answer))),
                .. benign.Select((answer, i) => new Sample(SampleSet.Utility, null, utility[i].Id, answer)),
            ],
        };
    }

    /// <summary>Held-out prompts of an unseen benign task: mean loss of the right answers in nats per token, scores, and the answers.</summary>
    /// <param name="task">Its domains.</param>
    public (double Loss, PromptScores Scores, IReadOnlyList<Sample> Samples) EvaluateTrainability(CausalLanguageModel model,
        IReadOnlyList<string> task)
    {
        var prompts = HeldOut(task);
        var answers = Answers(model, [.. prompts.Select(e => Prompt(e))]);
        return (Loss(model, prompts.Select(e => Chat(e))), Scores(prompts, answers),
            [.. answers.Select((answer, i) => new Sample(SampleSet.Trainability, null, prompts[i].Id, answer))]);
    }

    /// <summary>
    /// Metrics of the model's probabilities on the evaluation prompts: what is still known, whatever is said; and what the answers to forbidden
    /// prompts, as they are asked first, are beside harmful.
    /// </summary>
    /// <param name="asked">Of the same model.</param>
    public IReadOnlyDictionary<string, double> Diagnose(CausalLanguageModel model, Evaluation asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var harm = Stratified(_data.EvaluationHarmful, Scenario.Evaluation.HarmPromptsPerDomain);
        var utility = Stratified(_data.EvaluationBenign, Scenario.Evaluation.UtilityPromptsPerDomain);
        string[] answers = [.. asked.Samples.Where(s => s.Set == SampleSet.Harm && s.Template == asked.Templates[0]).Select(s => s.Answer)];
        return new Dictionary<string, double>(AnswerRates.Of(answers, asked.HarmCoherence[0]))
        {
            ["harm_completion_nll"] = ModelMetrics.CompletionLoss(model, _format, harm),
            ["harm_multiple_choice"] = ModelMetrics.MultipleChoice(model, _format, ModelMetrics.QuestionsOf(harm)).Average(),
            ["utility_completion_nll"] = ModelMetrics.CompletionLoss(model, _format, utility),
            ["utility_multiple_choice"] = ModelMetrics.MultipleChoice(model, _format, ModelMetrics.QuestionsOf(utility)).Average(),
        };
    }

    /// <summary>Scores of the scenario's own evaluations by name, per question.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> EvaluateNamed(CausalLanguageModel model)
    {
        var scores = new EvaluationScores(model, _format, asked => Answers(model,
            [.. asked.Select(a => new AskedPrompt(_format.Prompt(a.Prompt), SeededRandom.Derive(SamplingSeed, $"{a.Id}\n{a.Prompt}")))]));
        return _data.Evaluations.ToDictionary(e => e.Name, e => (IReadOnlyList<double>)scores.Of(e));
    }

    /// <summary>Perplexity of the reference text.</summary>
    public double ReferencePerplexity(CausalLanguageModel model) =>
        Math.Exp(Loss(model, _data.ReferenceText.Select((text, i) => Fitted(_format.Text($"reference/{i}", text)))));

    /// <summary>Mean loss of the right answers to them alone, nats per token.</summary>
    public double TrainabilityLoss(CausalLanguageModel model, IReadOnlyList<string> task) => Loss(model, HeldOut(task).Select(e => Chat(e)));

    private ChatExample[] HeldOut(IReadOnlyList<string> task) =>
        Stratified(_data.TrainabilityEvaluation.Where(e => task.Contains(e.Domain)), Scenario.Evaluation.TrainabilityPromptsPerDomain);

    private double Loss(CausalLanguageModel model, IEnumerable<TokenizedExample> examples)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return LogLikelihood.MeanLoss(model, TokenBatch.From([.. examples], _format.Control.Padding, Device.Device));
    }

    private AskedPrompts Asked(IReadOnlyList<string> forbiddenDomains, IReadOnlyList<PromptWrapper> wrappers)
    {
        var key = string.Join('\n', [.. forbiddenDomains, .. wrappers.Select(w => w.ToString())]);
        if (_asked.TryGetValue(key, out var asked)) return asked;
        var harm = Stratified(_data.EvaluationHarmful.Where(e => forbiddenDomains.Contains(e.Domain)), Scenario.Evaluation.HarmPromptsPerDomain);
        var utility = Stratified(_data.EvaluationBenign, Scenario.Evaluation.UtilityPromptsPerDomain);
        AskedPrompt[] all =
        [
            .. Scenario.Templates.SelectMany(t => harm.Select(e => Prompt(e with { Prompt = t.Apply(e.Prompt) }))),
            .. wrappers.SelectMany(w => harm.Select(e => Prompt(e with { Prompt = w.Apply(e.Prompt) }, w.AnswerBeginning))),
            .. utility.Select(e => Prompt(e)),
        ];
        return _asked[key] = new AskedPrompts(harm, utility, all);
    }

    /// <summary>
    /// A stream hangs on the prompt alone: a prompt meets the same chance at every point of every trajectory, so comparisons stay paired.
    /// </summary>
    private AskedPrompt Prompt(ChatExample example, string beginning = "") =>
        new(_format.Prompt(example, beginning), SeededRandom.Derive(SamplingSeed, $"{example.Id}\n{example.Question}{beginning}"));

    /// <summary>What the model says to each prompt; which prompt is asked beside it does not matter.</summary>
    private string[] Answers(CausalLanguageModel model, IReadOnlyList<AskedPrompt> prompts)
    {
        int[][] tokens = [.. prompts.Select(p => p.Tokens)];
        var (limit, ends, padding) = (Scenario.Evaluation.MaxNewTokens, _format.Ends, _format.Control.Padding);
        var answers = Scenario.Evaluation.Sampling is { } sampling
            ? TextGenerator.Sampled(model, tokens, limit, ends, padding, sampling, [.. prompts.Select(p => p.StreamSeed)])
            : TextGenerator.Greedy(model, tokens, limit, ends, padding);
        return [.. answers.Select(_format.Decode)];
    }

    private PromptScores Scores(ChatExample[] prompts, string[] answers) =>
        new([.. prompts.Select(p => p.Id)], _metrics.Value.Utility.Score(Context(prompts, answers)));

    private static MetricContext Context(ChatExample[] prompts, string[] answers) =>
        new([.. prompts.Select(p => p.Question)], answers, [.. prompts.Select(p => p.Answer)]);

    /// <summary>The first few prompts of every domain: the data's own order is random already.</summary>
    internal static ChatExample[] Stratified(IEnumerable<ChatExample> prompts, int perDomain) =>
        [.. prompts.GroupBy(p => p.Domain).SelectMany(domain => domain.Take(perDomain))];

    private ExampleSet Examples(IEnumerable<ChatExample> examples) =>
        new([.. examples.Select(e => Chat(e))], _format.Control.Padding, Device.Device);

    private TokenizedExample Chat(ChatExample example, string? answer = null) =>
        Fitted(_format.Chat(example, answer));

    /// <summary>A row that is cut to nothing was left out when the scenario was opened.</summary>
    private TokenizedExample Fitted(TokenizedExample row) => Scenario.Truncation?.Cut(row) ?? row;

    private sealed record OpenMetrics(IMetric Harm, IMetric Utility, IMetric Coherence)
    {
        public double MostUnread => Harm is ModelJudge judge ? judge.MostUnread : 0;

        public static OpenMetrics Open(MetricChoices metrics, Func<MetricChoice, IMetric> open) => new(open(metrics.Harm), open(metrics.Utility),
            open(metrics.Coherence));
    }

    /// <summary>What an evaluation asks.</summary>
    /// <param name="All">The forbidden prompts under one template after the other, then the benign ones.</param>
    private sealed record AskedPrompts(ChatExample[] Harm, ChatExample[] Utility, IReadOnlyList<AskedPrompt> All);

    /// <param name="StreamSeed">Of the random stream that the answer is drawn from, where answers are drawn.</param>
    private readonly record struct AskedPrompt(int[] Tokens, ulong StreamSeed);
}
