using Titer.Models.Generation;
using Titer.Models.Tokenizers;
using Titer.Scenarios;
using Titer.Scenarios.Data;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;
using Titer.Sdk.Training;
using Titer.Tournament;
using TorchSharp;

namespace Titer.Benchmarks;

/// <summary>
/// What a cell of <c>full_parameter_finetune</c> asks of torch and nothing else: the same steps on batches of the same data, and the same prompts
/// answered at the same points, with tokens made beforehand. No process, plugin, meter, text, score, log or file.
/// </summary>
internal sealed class CellWork
{
    private const double LearningRate = 2e-4;
    private const int BatchSize = 16;

    private readonly ScenarioSession _session;
    private readonly int[][] _prompts;
    private readonly TokenBatch[] _batches;
    private readonly HashSet<int> _grid;
    private readonly int _maxNewTokens;
    private readonly ControlTokens _control;

    public CellWork(Scenario scenario, ScenarioSession session, int steps)
    {
        (_session, _maxNewTokens) = (session, scenario.Evaluation.MaxNewTokens);
        var format = new ChatFormat(TokenizerReader.Read(scenario.SubjectFolder), scenario.ChatFormat.Name);
        _control = format.Control;
        var harm = scenario.Data.EvaluationHarmful.Where(e => scenario.Domains.Known.Contains(e.Domain)).GroupBy(e => e.Domain)
            .SelectMany(d => d.Take(scenario.Evaluation.HarmPromptsPerDomain)).ToArray();
        var benign = scenario.Data.EvaluationBenign.GroupBy(e => e.Domain).SelectMany(d => d.Take(scenario.Evaluation.UtilityPromptsPerDomain));
        _prompts = [.. scenario.Templates.SelectMany(t => harm.Select(e => t.Apply(e.Prompt))).Concat(benign.Select(e => e.Prompt))
            .Select(p => format.Prompt(p, []))];
        using var random = new SeededRandom(1, session.Device.Device);
        var sampler = session.AttackData(scenario.Domains.Known, TrainingData.Harmful).Harmful.Shuffle(random, BatchSize);
        _batches = [.. Enumerable.Range(0, steps).Select(_ => sampler.Next())];
        _grid = [.. EvaluationGrid.Steps(steps)];
    }

    public void Do(CausalLanguageModel model)
    {
        Answer(model);
        using var optimizer = new AdamW(model.Arena, LearningRate);
        for (var step = 1; step <= _batches.Length; step++)
        {
            using (torch.NewDisposeScope())
            {
                model.Arena.ZeroGradients();
                FineTuner.SupervisedLoss(model, _batches[step - 1]).backward();
                optimizer.Step();
            }

            if (_grid.Contains(step)) Answer(model);
        }
    }

    private void Answer(CausalLanguageModel model) => TextGenerator.Greedy(model, _prompts, _maxNewTokens, _control.End, _control.Padding);
}
