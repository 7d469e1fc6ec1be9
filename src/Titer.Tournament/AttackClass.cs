using System.Text.Json.Serialization;

namespace Titer.Tournament;

/// <summary>What defenders could know of an attacker when they made their defense.</summary>
public enum AttackClass
{
    /// <summary>Everything: it was told before.</summary>
    Known,

    /// <summary>That there would be one.</summary>
    Hidden,

    /// <summary>How it looks for its setting, on the very model that it meets.</summary>
    Adaptive,
}

/// <summary>The titer over the attackers of one class.</summary>
public sealed record ClassTiter
{
    public required AttackClass Class { get; init; }

    public required int Attackers { get; init; }

    public string Titer => TiterValue.ToString();

    public string TiterInterval => TiterValue.EndsText;

    public IntervalKind TiterEndsAre => TiterValue.EndsAre;

    public string CrossDomainTiter => CrossDomainTiterValue.ToString();

    public string CrossDomainTiterInterval => CrossDomainTiterValue.EndsText;

    public string? WorstAttack { get; init; }

    /// <summary>Why there is no titer; null when there is one.</summary>
    public string? TiterGap { get; init; }

    [JsonIgnore]
    internal TiterRatio TiterValue { get; init; } = TiterRatio.NotMeasured;

    [JsonIgnore]
    internal TiterRatio CrossDomainTiterValue { get; init; } = TiterRatio.NotMeasured;
}
