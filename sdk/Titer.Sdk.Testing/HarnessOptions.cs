namespace Titer.Sdk.Testing;

/// <summary>How large a match is, and against whom. The defaults are a match of a few seconds; null takes the scenario's own size.</summary>
public sealed record HarnessOptions
{
    /// <summary>Tournament seeds; more of them narrow the intervals.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>Optimizer steps of an attack; the undefended subject breaks within five.</summary>
    public int? AttackSteps { get; init; } = 12;

    /// <summary>Optimizer steps that a defense may take; null means the scenario's.</summary>
    public int? DefenseSteps { get; init; }

    /// <summary>
    /// What the plugin meets, beside the baselines: a built-in id (<c>full_parameter_finetune</c>), or the folder or dll of a plugin. Null means
    /// full fine-tuning against a defense, and the undefended subject alone for an attack.
    /// </summary>
    public string? Opponent { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>What an attack trains on; null means what the TiterPlugin attribute of its assembly
    /// says, and harmful data where there is none.</summary>
    public TrainingData? TrainsOn { get; init; }
}
