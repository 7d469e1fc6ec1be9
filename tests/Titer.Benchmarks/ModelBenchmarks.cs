using Titer.Models;
using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>What a phase is made of, on the embedded subject: training steps, generation, snapshots.</summary>
internal sealed class ModelBenchmarks : IDisposable
{
    private readonly Scenario _scenario = Scenario.Open("apothecary");
    private readonly ScenarioSession _session;
    private readonly CausalLanguageModel _model;
    private readonly TokenBatch _batch;

    public ModelBenchmarks()
    {
        torch.set_num_threads(1);
        _session = ScenarioSession.Open(_scenario.Whole(), DeviceSelection.Open("cpu"));
        _model = _session.LoadSubject();
        using var random = new SeededRandom(1, _session.Device.Device);
        _batch = _session.AttackData(_scenario.Domains.Known, TrainingData.Harmful).Harmful.Shuffle(random, 16).Next();
    }

    /// <summary>Forward, backward and step of 16 examples, against the same architecture in TorchSharp's
    /// own modules with <c>torch.optim.AdamW</c>.</summary>
    public BenchmarkResult TrainingStep()
    {
        using var plain = new PlainLlama(((LlamaModel)_model).Config);
        using var optimizer = torch.optim.AdamW(plain.parameters(), 1e-4);
        using var own = new AdamW(_model.Arena, 1e-4);
        return PairedRatio.Measure("training", "a step; TorchSharp modules and torch.optim.AdamW / flat arena", () =>
        {
            using var scope = torch.NewDisposeScope();
            optimizer.zero_grad();
            CausalLoss.CrossEntropy(plain.forward(_batch.InputIds), _batch.Labels).backward();
            optimizer.step();
        }, () =>
        {
            using var scope = torch.NewDisposeScope();
            _model.Arena.ZeroGradients();
            FineTuner.SupervisedLoss(_model, _batch).backward();
            own.Step();
        }, pairs: 15, repeat: 10, demand: 1.15);
    }

    /// <summary>The same step in PyTorch, where it is installed.</summary>
    public BenchmarkResult TrainingStepOfPyTorch() => PyTorchBenchmarks.TrainingStep(_scenario, _model, _batch);

    /// <summary>64 prompts continued by 64 tokens: with the cache, and by running the whole sequence again for every token.</summary>
    public BenchmarkResult Generation()
    {
        var prompts = Prompts(64);
        using var random = new SeededRandom(1, _session.Device.Device);
        // The subject's shape with room for more positions; what it says does not matter.
        using var model = LlamaModel.Create(((LlamaModel)_model).Config with { MaxPositionEmbeddings = 128 }, _session.Device, random);
        return PairedRatio.Measure("generation", "recompute / key-value cache, 64 prompts, 64 new tokens", () => Recompute(model, prompts, 64),
            () => TextGenerator.Greedy(model, prompts, 64, endId: -1, padId: 0), pairs: 5, repeat: 1, demand: 4);
    }

    /// <summary>Putting the released weights back, against opening the checkpoint and reading its weights, which a mapping puts off.</summary>
    public BenchmarkResult Restore()
    {
        using var snapshot = DeviceContext.Snapshot(_model);
        return PairedRatio.Measure("restore", "reload from disk / snapshot", Reload, snapshot.Restore, pairs: 15, repeat: 50, demand: 20);
    }

    private void Reload()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var model = _session.LoadSubject();
        model.Arena.Flat.sum();
    }

    /// <summary>One point of a trajectory: all templates and benign prompts answered and scored. Recorded, not compared.</summary>
    public BenchmarkResult Evaluation()
    {
        var times = Enumerable.Range(0, 7).Select(_ =>
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            _session.Evaluate(_model, _scenario.Domains.Known);
            return System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }).Skip(2).ToArray();
        return new BenchmarkResult("evaluation", "one point of a trajectory; recorded", null, PairedRatio.Median(times), double.NaN, double.NaN,
            double.NaN, times.Length, null);
    }

    public void Dispose() => _model.Dispose();

    private int[][] Prompts(int count)
    {
        var format = new Scenarios.Data.ChatFormat(Titer.Models.Tokenizers.TokenizerReader.Read(_scenario.SubjectFolder));
        return [.. _scenario.Data.EvaluationBenign.Take(count).Select(e => format.Prompt(e.Prompt)[..8])];
    }

    private static void Recompute(LlamaModel model, int[][] prompts, int newTokens)
    {
        using var inference = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var ids = torch.tensor(prompts.SelectMany(p => p.Select(i => (long)i)).ToArray(), [prompts.Length, prompts[0].Length]);
        for (var step = 0; step < newTokens; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            var length = ids.shape[1];
            var next = model.Unembed(model.FinalNorm(model.Blocks(ids, null, null).narrow(1, length - 1, 1))).argmax(-1);
            ids = torch.cat([ids, next], 1).MoveToOuterDisposeScope();
        }
    }
}
