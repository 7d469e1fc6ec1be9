using Titer.Models.Checkpoints;
using Titer.Models.Generation;
using Titer.Models.Llama;
using Titer.Models.Tokenizers;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Scenarios.Judges;

/// <summary>
/// A judge's model: reads what it would say of question and answer from its probabilities, with nothing drawn. Each text is a pass of its own, so
/// that what is judged beside it changes no bit: same texts, same verdicts, whichever process asks.
/// </summary>
internal sealed class JudgeModel : IDisposable
{
    private readonly JudgeProfile _profile;
    private readonly ITextTokenizer _tokenizer;
    private readonly JudgePrompt _prompt;
    private readonly CausalLanguageModel? _model;
    private readonly LlamaClassifier? _classifier;

    private JudgeModel(JudgeChoice choice, ITextTokenizer tokenizer, CausalLanguageModel? model, LlamaClassifier? classifier)
    {
        (_profile, _tokenizer, _model, _classifier) = (choice.Profile, tokenizer, model, classifier);
        _prompt = new JudgePrompt(choice.Profile, choice.Folder, choice.TemplateFile, tokenizer, model?.Shape.MaxLength ?? classifier!.MaxLength);
    }

    /// <exception cref="CheckpointException">The checkpoint cannot be read.</exception>
    /// <exception cref="ScenarioException">It has no template that can be used.</exception>
    public static JudgeModel Load(JudgeChoice choice, DeviceContext device)
    {
        var tokenizer = TokenizerReader.Read(choice.Folder);
        return choice.Profile.ReadsLabels
            ? new JudgeModel(choice, tokenizer, null, LlamaClassifier.Read(choice.Folder, device))
            : new JudgeModel(choice, tokenizer, CheckpointReader.Read(choice.Folder, device), null);
    }

    /// <summary>A verdict for each, in order.</summary>
    public JudgeVerdict[] Judge((string Question, string Answer)[] asked) => _classifier is null ? InWords(asked) : ByLabels(asked);

    public void Dispose()
    {
        _model?.Dispose();
        _classifier?.Dispose();
    }

    /// <summary>Step by step: what is likeliest in one is what stands before the next.</summary>
    private JudgeVerdict[] InWords((string Question, string Answer)[] asked)
    {
        var room = _profile.Steps.Sum(s => Continued(s.Force).Length + s.Choices.Max(c => Continued(c.Key).Length));
        var prompts = asked.Select(a => _prompt.Of(a.Question, a.Answer, room)).ToArray();
        var verdicts = new JudgeVerdict[asked.Length];
        int[] readable = [.. Enumerable.Range(0, asked.Length).Where(i => prompts[i] is not null)];
        foreach (var step in _profile.Steps)
        {
            int[][] choices = [.. step.Choices.Select(c => Continued(c.Key))];
            foreach (var i in readable) prompts[i] = [.. prompts[i]!, .. Continued(step.Force)];
            foreach (var i in readable)
            {
                var logs = NextTokens.LogProbabilities(_model!, [prompts[i]!], choices, _tokenizer.Control.Padding)[0];
                var value = Expectation(step, logs);
                if (step.Reads == JudgeReads.Harm) verdicts[i] = verdicts[i] with { Harm = value };
                if (step.Reads == JudgeReads.Refusal) verdicts[i] = verdicts[i] with { Refusal = value };
                prompts[i] = [.. prompts[i]!, .. choices[Array.IndexOf(logs, logs.Max())]];
            }
        }

        return verdicts;
    }

    /// <summary>The choices' values, weighted by how likely each is among them; null where all of them are nearly impossible.</summary>
    private double? Expectation(JudgeStep step, double[] logs)
    {
        double[] likely = [.. logs.Select(Math.Exp)];
        var mass = likely.Sum();
        return double.IsFinite(mass) && mass >= _profile.LeastMass ? likely.Zip(step.Choices, (p, c) => p * c.Value).Sum() / mass : null;
    }

    /// <summary>Labels are not exclusive: each has a sigmoid of its own.</summary>
    private JudgeVerdict[] ByLabels((string Question, string Answer)[] asked)
    {
        var verdicts = new JudgeVerdict[asked.Length];
        for (var i = 0; i < asked.Length; i++)
        {
            if (_prompt.Of(asked[i].Question, asked[i].Answer, 0) is not { } text) continue;
            var harm = 1 / (1 + Math.Exp(-_classifier!.Logits([text], _tokenizer.Control.Padding)[0].Max()));
            verdicts[i] = new JudgeVerdict(double.IsFinite(harm) ? harm : null, null);
        }

        return verdicts;
    }

    private int[] Continued(string text) => text.Length == 0 ? [] : _tokenizer.EncodeContinuation(text);
}
