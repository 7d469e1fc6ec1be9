namespace Titer.Sdk;

/// <summary>
/// Names the plugin in an assembly; one assembly holds one plugin. The host reads it from metadata, before any code of
/// the assembly runs, so every value is a constant.
/// </summary>
/// <param name="id">Name of the plugin in tournament files and on the leaderboard: snake_case.</param>
/// <param name="apiLevel">The contract that the plugin was written against: <see cref="SdkApi.Level"/>.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TiterPluginAttribute(string id, int apiLevel) : Attribute
{
    public string Id { get; } = id;

    public int ApiLevel { get; } = apiLevel;

    /// <summary>One line for lists: what the plugin does.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The paper that the algorithm is from, for example <c>arXiv:2405.14577</c>.</summary>
    public string Paper { get; init; } = "";

    /// <summary>
    /// What an attack trains on (ignored for other kinds). An attack on <see cref="TrainingData.Harmful"/> data is played twice, on
    /// domains that the defender had and on withheld ones; asking the context for data that was not declared is an error.
    /// </summary>
    public TrainingData TrainsOn { get; init; } = TrainingData.Harmful;

    /// <summary>
    /// Whether a tournament that names no entrants plays it. One that is costly, or is meant for some scenarios only, says no and is named.
    /// </summary>
    public bool EntersByDefault { get; init; } = true;

    /// <summary>
    /// An attack needs the weights of the subject's public parent (<see cref="AttackContext.LoadParent"/>); ignored for other kinds. It is refused
    /// by name, before anything is played, where the scenario declares none.
    /// </summary>
    public bool NeedsParent { get; init; }
}

/// <summary>The data that an attack trains on.</summary>
public enum TrainingData
{
    /// <summary>The attack trains on nothing (a control, or an edit of weights).</summary>
    None,

    /// <summary>Benign data only: does ordinary fine-tuning break the defense by accident?</summary>
    Benign,

    /// <summary>Harmful data, alone or mixed with benign data.</summary>
    Harmful,
}
