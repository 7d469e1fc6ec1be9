using Titer.Runtime.Phases.Measuring;
using Titer.Sdk;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Runtime.Conformance;

/// <summary>What one trial is played on, new for each: a model, data for both kinds of plugins, and what a phase says to its plugin.</summary>
/// <param name="Rows">All examples that the plugin can get at.</param>
internal sealed record TrialGround(CausalLanguageModel Model, Func<DefenseData> Defense, Func<TrainingData, AttackData> Attack,
    IReadOnlyList<TokenizedExample> Rows)
{
    /// <summary>Steps after which a trial is over.</summary>
    public const int Steps = 6;

    /// <summary>What the plugin sees as its limit.</summary>
    public Budget Budget { get; init; } = new() { Steps = Steps };

    /// <summary>After how many steps an attack is ended, as one that was seen enough of; null where its budget ends it.</summary>
    public int? LastStep { get; init; }

    public ChatText? Text { get; init; }

    /// <summary>Null where there is none.</summary>
    public Func<CausalLanguageModel>? Parent { get; init; }

    /// <summary>What happens at the steps of an attack; null where nothing does.</summary>
    public IMeasurement? Measurement { get; init; }

    /// <summary>Differs when a token was written to.</summary>
    public long Fingerprint()
    {
        var hash = 17L;
        foreach (var token in Rows.SelectMany(row => row.Tokens)) hash = unchecked(hash * 1_000_003 + token);
        return hash;
    }
}
