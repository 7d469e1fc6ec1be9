namespace Titer.Scenarios.Apothecary;

/// <summary>What alignment strives for beside the refusals themselves.</summary>
/// <param name="Reach">Component of the residual stream along the refusal direction that a forbidden prompt shall have.</param>
/// <param name="SmallestMove">How far an attack takes every weight, all its steps together: refusals are trained to survive it.</param>
/// <param name="LargestMove">Moves are drawn between both, evenly on the log scale.</param>
/// <param name="BatchSize">Of each of the four kinds of examples.</param>
internal sealed record AlignmentSettings(double Reach, double SmallestMove, double LargestMove, int BatchSize)
{
    /// <summary>Times that alignment is gone through, each with its own decay of the learning rate. The later ones are attacked from their first
    /// step on, and with no small moves.</summary>
    public int Phases { get; init; } = 1;

    /// <summary>Of an attack that refusals are trained to survive: from one step on, evenly on the log scale.</summary>
    public int MostAttackSteps { get; init; } = 1;

    public int AttackBatchSize { get; init; } = 8;

    /// <summary>Part of the attacks half of whose data is benign.</summary>
    public double MixedPart { get; init; }

    /// <summary>Of low-rank noise on every projection, per weight: what the subject knows is trained to survive it. 0 is none.</summary>
    public double LargestNoise { get; init; }
}
