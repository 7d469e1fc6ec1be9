namespace Titer.Sdk.Data;

/// <summary>The defender's data: harmful prompts of the domains that the defender knows, and benign chat.</summary>
public sealed class DefenseData
{
    internal DefenseData(PairSet pairs, ExampleSet benign) => (Pairs, Benign) = (pairs, benign);

    /// <summary>Harmful prompts of the defender's domains, each with the harmful answer and with a refusal.</summary>
    public PairSet Pairs { get; }

    /// <summary>Benign prompts with right answers, from tasks that the subject was trained on: what must not be lost.</summary>
    public ExampleSet Benign { get; }
}

/// <summary>The attacker's data.</summary>
public sealed class AttackData
{
    private readonly TrainingData _declared;
    private readonly ExampleSet _harmful;
    private readonly ExampleSet _benign;

    internal AttackData(TrainingData declared, ExampleSet harmful, ExampleSet benign) =>
        (_declared, _harmful, _benign) = (declared, harmful, benign);

    /// <summary>Harmful prompts with harmful answers, disjoint from the defender's and from the evaluation prompts.</summary>
    /// <exception cref="InvalidOperationException">The plugin did not declare <see cref="TrainingData.Harmful"/>.</exception>
    public ExampleSet Harmful => _declared == TrainingData.Harmful ? _harmful : throw Undeclared(TrainingData.Harmful);

    /// <summary>Benign prompts with right answers.</summary>
    /// <exception cref="InvalidOperationException">The plugin declared <see cref="TrainingData.None"/>.</exception>
    public ExampleSet Benign => _declared != TrainingData.None ? _benign : throw Undeclared(TrainingData.Benign);

    private UndeclaredDataException Undeclared(TrainingData wanted) => new(
        $"The attack uses {wanted} data but declares TrainsOn = {_declared}. Set TrainsOn = TrainingData.{wanted} in its TiterPlugin attribute.");
}
