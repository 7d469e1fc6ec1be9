using System.Text.Json.Serialization;

namespace Titer.Tournament;

public enum PhaseKind
{
    /// <summary>A defense immunizes the subject: once per defense and seed.</summary>
    Defend,

    /// <summary>An attack meets a defended model: once per cell.</summary>
    Attack,

    /// <summary>Stability and trainability of a defended model, no plugin loaded: once per defense and seed.</summary>
    Assess,
}

/// <summary>One process' worth of work.</summary>
public sealed record Phase
{
    /// <summary>Content hash of everything that can change the result: 16 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required PhaseKind Kind { get; init; }

    public required Entrant Defense { get; init; }

    /// <summary>Only for <see cref="PhaseKind.Attack"/>.</summary>
    public Entrant? Attack { get; init; }

    public Exposure Exposure { get; init; }

    /// <summary>Of the defended model.</summary>
    public required int Seed { get; init; }

    /// <summary>Which of the attacks on that model: 1, 2, ...; always 1 for other phases.</summary>
    public int AttackSeed { get => Math.Max(1, field); init; }

    /// <summary>A sweep's winner, played again on random streams that it was not chosen by.</summary>
    public bool IsFresh { get; init; }

    /// <summary>A failed attack of a stranger, played once more on random streams of its own.</summary>
    public bool IsReplay { get; init; }

    /// <summary>A try of a search that has lost when it gets here unbroken; null plays the whole budget.</summary>
    public int? LastStep { get; init; }

    /// <summary>
    /// Early stopping gives it up where its model is beyond use: a search has other tries, and goes to cooler ones. The second of two attacks
    /// may mend what the first one broke.
    /// </summary>
    [JsonIgnore]
    public bool MayBeGivenUp => EndsBeyondUse(Attack);

    /// <summary>A try of a search, before one of them counts.</summary>
    [JsonIgnore]
    public bool IsScreening => Attack is { IsSearched: true } && !IsFresh;

    internal static bool EndsBeyondUse(Entrant? attack) => attack is { IsSearched: true, Then: null };

    /// <summary>The defend phase whose weights this phase needs; null for defend phases.</summary>
    public string? DefendPhaseId { get; init; }

    /// <summary>Seed of the phase's random streams. Attacks on different defenses share it: comparisons are paired.</summary>
    public required ulong RandomSeed { get; init; }

    /// <summary>The entrant whose code it runs; null for assess phases, which run the host's own.</summary>
    public Entrant? Player => Kind switch
    {
        PhaseKind.Defend => Defense,
        PhaseKind.Attack => Attack,
        _ => null,
    };

    /// <summary>For people: <c>defend vaccine seed 2</c>, <c>attack vaccine by lora_finetune (in-domain) seed 2</c>.</summary>
    public string Title => Kind switch
    {
        PhaseKind.Defend => $"defend {Defense.Label} seed {Seed}",
        PhaseKind.Assess => $"assess {Defense.Label} seed {Seed}",
        _ => $"attack {Defense.Label} by {Attack!.Label}{
            Exposure switch { Exposure.InDomain => " (in-domain)", Exposure.CrossDomain => " (cross-domain)", _ => "" }} seed {Seed}{
                (AttackSeed > 1 ? $", attack seed {AttackSeed}" : "")}{(IsFresh ? ", winner again" : "")}{
                    (IsReplay ? ", once more" : "")}",
    };
}
