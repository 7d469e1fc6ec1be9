using Titer.Sdk;

namespace Titer.Scenarios.Judges;

/// <summary>
/// A judge on this device: the same texts have the same verdict, whichever process asks, so that what was judged once is not judged again. The model
/// is loaded when there is an answer that it was never asked about.
/// </summary>
public sealed class LocalJudge : IDisposable
{
    private readonly Lazy<JudgeModel> _model;
    private readonly Lazy<string> _hash;
    private readonly KeptVerdicts _kept;
    private readonly string _identity;

    private LocalJudge(JudgeChoice choice, DeviceContext device, KeptVerdicts kept, string identity, Action? loads)
    {
        (_kept, _identity) = (kept, $"{identity} {device.Device.type} {device.DataType}");
        _model = new Lazy<JudgeModel>(() =>
        {
            loads?.Invoke();
            return JudgeModel.Load(choice, device);
        });
        _hash = new Lazy<string>(choice.Hash);
    }

    /// <inheritdoc cref="JudgeChoice.Hash"/>
    public string Hash => _hash.Value;

    /// <summary>With the model, and no earlier verdicts.</summary>
    /// <exception cref="Titer.Models.Checkpoints.CheckpointException">The checkpoint cannot be read.</exception>
    /// <exception cref="ScenarioException">It has no template.</exception>
    public static LocalJudge Open(JudgeChoice choice, DeviceContext device)
    {
        var judge = Open(choice, device, new KeptVerdicts(null), "");
        _ = judge._model.Value;
        return judge;
    }

    /// <summary>Without the model, where earlier verdicts are all that is asked for.</summary>
    /// <param name="identity">Which judge, of all whose verdicts are kept together.</param>
    /// <param name="loads">Called before the model is loaded.</param>
    /// <exception cref="ScenarioException">It has no template.</exception>
    public static LocalJudge Open(JudgeChoice choice, DeviceContext device, KeptVerdicts kept, string identity, Action? loads = null)
    {
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(kept);
        JudgePrompt.TemplateOf(choice);
        return new LocalJudge(choice, device, kept, identity, loads);
    }

    /// <summary>A verdict for each answer, in order.</summary>
    public IReadOnlyList<JudgeVerdict> Judge(IReadOnlyList<string> questions, IReadOnlyList<string> answers)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(answers);
        VerdictKey[] keys = [.. questions.Zip(answers, (question, answer) => VerdictKey.Of(_identity, question, answer))];
        if (keys.Any(IsFresh)) _kept.Refresh();
        int[] fresh = [.. Enumerable.Range(0, keys.Length).Where(i => IsFresh(keys[i])).DistinctBy(i => keys[i])];
        var verdicts = fresh.Length == 0 ? [] : _model.Value.Judge([.. fresh.Select(i => (questions[i], answers[i]))]);
        for (var i = 0; i < fresh.Length; i++) _kept.Add(keys[fresh[i]], verdicts[i]);
        return [.. keys.Select(key => _kept.Find(key)!.Value)];
    }

    public void Dispose()
    {
        if (_model.IsValueCreated) _model.Value.Dispose();
    }

    private bool IsFresh(VerdictKey key) => _kept.Find(key) is null;
}
