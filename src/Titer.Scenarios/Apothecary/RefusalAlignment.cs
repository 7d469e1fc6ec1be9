using Titer.Scenarios.Data;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Titer.Scenarios.Apothecary;

/// <summary>
/// The loss of the alignment stage. Refusal becomes a direction of the residual stream, the difference of means of forbidden and benign prompts,
/// that outweighs everything else after a forbidden prompt and at every position of an answer, not the first alone (Qi et al. 2024, arXiv
/// 2406.05946). Without the direction the model still tells what it knew. Later on, refusals are also trained where an attack of some steps has
/// taken the weights, as if they had not moved (the first-order loss of Tamirisa et al. 2024, arXiv 2408.00761): undoing them takes many steps.
/// </summary>
internal sealed class RefusalAlignment : IDisposable
{
    private const double RampPart = 0.5;
    private const double CalmPart = 0.3;
    private const double MostLogGap = 6;
    private const double BenignWeight = 0.01;
    private const double Memory = 0.95;
    private const double LeastComponent = 1e-3;
    private const int FirstBlock = 1;
    private const int NoiseRank = 4;
    private const double NoiseRange = 20;

    private readonly CausalLanguageModel _model;
    private readonly AlignmentSettings _settings;
    private readonly int _steps;
    private readonly SeededRandom _moves;
    private readonly int _lastOfPrompt;
    private readonly BatchSampler _refused;
    private readonly BatchSampler _told;
    private readonly BatchSampler _benign;
    private readonly BatchSampler _attack;
    private readonly (BatchSampler Harmful, BatchSampler Benign) _mixedAttack;
    private Tensor _direction;
    private Tensor? _forbiddenMean;
    private Tensor? _benignMean;
    private int _step;

    /// <param name="steps">Of one phase.</param>
    public RefusalAlignment(
        CausalLanguageModel model, ApothecaryData data, ChatFormat format, AlignmentSettings settings, int steps, SeededRandom random)
    {
        (_model, _settings, _steps) = (model, settings, steps);
        _moves = random.Fork("moves");
        var device = model.Arena.Flat.device;
        using var drawn = randn([model.Shape.Hidden], generator: random.Fork("direction").Generator);
        _direction = (drawn / drawn.norm()).to(device).DetachFromDisposeScope();
        _lastOfPrompt = format.Prompt(data.Evaluation(ApothecaryWords.Benign[0]).Select(i => data.AllParaphrases(i).First()).First())[^1];
        ChatExample[] forbidden = [.. ApothecaryWords.Forbidden.SelectMany(data.Chat).SelectMany(data.AllParaphrases)];
        _refused = Sampler("refused", forbidden.SelectMany((e, i) => new[] { format.Chat(e, e.Refusal!), Late(e, i) }), settings.BatchSize);
        TokenizedExample[] told = [.. forbidden.Select(e => format.Chat(e))];
        TokenizedExample[] benign =
            [.. ApothecaryWords.Benign.SelectMany(data.Chat).SelectMany(data.AllParaphrases).Select(e => format.Chat(e))];
        var half = Math.Max(1, settings.AttackBatchSize / 2);
        (_told, _benign) = (Sampler("told", told, settings.BatchSize), Sampler("benign", benign, settings.BatchSize));
        _attack = Sampler("attack", told, settings.AttackBatchSize);
        _mixedAttack = (Sampler("mixed attack", told, half), Sampler("benign part of mixed attack", benign, half));

        BatchSampler Sampler(string name, IEnumerable<TokenizedExample> examples, int batchSize) =>
            new ExampleSet([.. examples], format.Control.Padding, device).Shuffle(random.Fork(name), batchSize);

        // An answer that has begun, and then the refusal.
        TokenizedExample Late(ChatExample example, int number)
        {
            var (answer, refusal) = (format.Chat(example), format.Chat(example, example.Refusal!));
            var begun = answer.PromptLength + 1 + number % (answer.Tokens.Length - answer.PromptLength - 1);
            return new TokenizedExample(example.Id, example.Domain, [.. answer.Tokens[..begun], .. refusal.Tokens[refusal.PromptLength..]], begun);
        }
    }

    /// <summary>One step's loss, inside a dispose scope; gradients at the attacked weights are in the arena when it returns.</summary>
    public Tensor Next()
    {
        _step++;
        if (_step > CalmPart * _steps)
        {
            AddLossWhereAnAttackLeads();
            if (_settings.LargestNoise > 0) AddLossUnderNoise();
        }

        var (forbidden, benign) = (_refused.Next(), _benign.Next());
        var (refusals, answers) = (Streams(forbidden), Streams(benign));
        var told = _told.Next();
        Follow(ref _forbiddenMean, forbidden, refusals.Streams[FirstBlock]);
        Follow(ref _benignMean, benign, answers.Streams[FirstBlock]);
        var answering = Answering(benign);
        var quiet = answers.Streams.Skip(FirstBlock).Select(s => Mean(s.matmul(_direction).square(), answering)).Aggregate((a, b) => a + b);
        return Refusing(forbidden, refusals)
            + CausalLoss.CrossEntropy(answers.Logits, benign.Labels) + quiet * (BenignWeight / (answers.Streams.Count - FirstBlock))
            + CausalLoss.CrossEntropy(_model.Forward(told.InputIds, Without), told.Labels);
    }

    public void Dispose()
    {
        foreach (var owned in new[] { _direction, _forbiddenMean, _benignMean }) owned?.Dispose();
        _moves.Dispose();
    }

    /// <summary>Attacks the model for some steps, differentiates the refusal loss where that leads, and moves the weights back.</summary>
    private void AddLossWhereAnAttackLeads()
    {
        using var scope = NewDisposeScope();
        var arena = _model.Arena;
        using var home = new WeightSnapshot(arena);
        // Whoever survives the far moves survives the near ones: later phases leave those out.
        var nearest = _step <= _steps ? _settings.SmallestMove : Math.Sqrt(_settings.SmallestMove * _settings.LargestMove);
        var (move, count) = (Drawn(nearest, _settings.LargestMove), (int)Drawn(1, _settings.MostAttackSteps));
        var isMixed = _moves.NextDouble() < _settings.MixedPart;
        using var optimizer = new AdamW(arena, move / count);
        for (var step = 0; step < count; step++)
        {
            using var inner = NewDisposeScope();
            arena.ZeroGradients();
            var loss = isMixed
                ? FineTuner.SupervisedLoss(_model, _mixedAttack.Harmful.Next()) + FineTuner.SupervisedLoss(_model, _mixedAttack.Benign.Next())
                : FineTuner.SupervisedLoss(_model, _attack.Next());
            loss.backward();
            optimizer.Step();
        }

        arena.ZeroGradients();
        var refused = _refused.Next();
        Refusing(refused, Streams(refused)).backward();
        home.Restore();
    }

    /// <summary>
    /// Differentiates what shall still be told, with the direction out of the way, under noise such as low-rank fine-tuning makes: else that attack
    /// ruins what it is after before it gets there.
    /// </summary>
    private void AddLossUnderNoise()
    {
        using var scope = NewDisposeScope();
        var arena = _model.Arena;
        using var home = new WeightSnapshot(arena);
        var noise = Drawn(_settings.LargestNoise / NoiseRange, _settings.LargestNoise) / Math.Sqrt(NoiseRank);
        using (no_grad())
        {
            foreach (var projection in _model.Projections)
            {
                using var inner = NewDisposeScope();
                var shape = projection.Weight.shape;
                projection.Weight.add_(Normal(shape[0], NoiseRank).matmul(Normal(NoiseRank, shape[1])) * noise);
            }
        }

        var (told, benign) = (_told.Next(), _benign.Next());
        (CausalLoss.CrossEntropy(_model.Forward(told.InputIds, Without), told.Labels) + FineTuner.SupervisedLoss(_model, benign)).backward();
        home.Restore();

        Tensor Normal(long rows, long columns) => _moves.Normal([rows, columns]);
    }

    /// <summary>Evenly on the log scale.</summary>
    private double Drawn(double least, double most) => least * Math.Pow(most / least, _moves.NextDouble());

    /// <summary>Cross-entropy of the refusals, and by how many nats the component along the direction falls short of its reach.</summary>
    private Tensor Refusing(TokenBatch batch, (Tensor Logits, List<Tensor> Streams) passed)
    {
        var answering = Answering(batch);
        var reach = Math.Log(Math.Min(1, (_step + 1) / (RampPart * _steps)) * _settings.Reach);
        var loss = CausalLoss.CrossEntropy(passed.Logits, batch.Labels);
        foreach (var stream in passed.Streams.Skip(FirstBlock))
        {
            var along = stream.matmul(_direction);
            var gap = (reach - along.clamp_min(LeastComponent).log()).clamp(0, MostLogGap) + (1 - along).clamp_min(0);
            loss = loss + Mean(gap, answering) / (passed.Streams.Count - FirstBlock);
        }

        return loss;
    }

    /// <summary>Logits, and every block's output: [batch, time, hidden] each.</summary>
    private (Tensor Logits, List<Tensor> Streams) Streams(TokenBatch batch)
    {
        var streams = new List<Tensor>();
        var logits = _model.Forward(batch.InputIds, (_, site, value) =>
        {
            if (site == TapSite.BlockOutput) streams.Add(value);
            return value;
        });
        return (logits, streams);
    }

    /// <summary>Takes the batch into the running mean of its kind, at the last token of prompts, and turns the direction.</summary>
    private void Follow(ref Tensor? mean, TokenBatch batch, Tensor stream)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var last = batch.Labels.ne(TokenBatch.IgnoredLabel).to(ScalarType.Int64).argmax(1) - 1;
        // Rows that begin with a part of an answer end their prompt earlier.
        var rows = batch.InputIds.gather(1, last.unsqueeze(1)).squeeze(1).eq(_lastOfPrompt).nonzero().squeeze(1);
        if (rows.shape[0] == 0) return;
        var here = stream.detach()[rows, last.index_select(0, rows)].mean([0]);
        var next = (mean is null ? here : mean * Memory + here * (1 - Memory)).DetachFromDisposeScope();
        mean?.Dispose();
        mean = next;
        if (_forbiddenMean is null || _benignMean is null) return;
        var difference = _forbiddenMean - _benignMean;
        var direction = (difference / difference.norm()).DetachFromDisposeScope();
        _direction.Dispose();
        _direction = direction;
    }

    private Tensor Without(int block, TapSite site, Tensor value) =>
        site == TapSite.BlockOutput ? value : value - value.matmul(_direction).unsqueeze(-1) * _direction;

    /// <summary>1 where the next token is a labeled one: [batch, time].</summary>
    private static Tensor Answering(TokenBatch batch) => batch.NextLabels().ne(TokenBatch.IgnoredLabel).to(ScalarType.Float32);

    private static Tensor Mean(Tensor values, Tensor mask) => (values * mask).sum() / mask.sum();
}
