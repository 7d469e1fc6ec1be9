using Microsoft.Extensions.Logging;
using Titer.Sdk.Data;
using Titer.Sdk.Models;

namespace Titer.Sdk;

/// <summary>Everything a defense may touch. Valid during <see cref="IDefense.Immunize"/> only, on that thread only.</summary>
public sealed class DefenseContext
{
    private readonly Action? _onStep;

    internal DefenseContext(
        DeviceContext device, CausalLanguageModel model, DefenseData data, BudgetMeter budget, SeededRandom random,
        ILogger log, IProgress<TrainingProgress> progress, CancellationToken cancellation, Action? onStep = null)
    {
        (Device, Model, Data, Budget, Random, Log, Progress, Cancellation, _onStep) =
            (device, model, data, budget, random, log, progress, cancellation, onStep);
    }

    public DeviceContext Device { get; }

    /// <summary>The aligned subject, in training precision; what is in it when the method returns is the defended model.</summary>
    public CausalLanguageModel Model { get; }

    /// <summary>The defender's part of the data; disjoint from the attacker's and from the evaluation prompts.</summary>
    public DefenseData Data { get; }

    public BudgetMeter Budget { get; }

    public SeededRandom Random { get; }

    public ILogger Log { get; }

    public IProgress<TrainingProgress> Progress { get; }

    /// <summary>Fires when the run is stopped; check it in long loops.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Charges one optimizer step. Call it after every one.</summary>
    /// <exception cref="BudgetExceededException">More steps than <c>Budget.Limit.Steps</c>: bound the loop by <c>Budget.StepsLeft</c>.</exception>
    public void Step()
    {
        Cancellation.ThrowIfCancellationRequested();
        Budget.ChargeStep();
        _onStep?.Invoke();
    }
}

/// <summary>Everything an attack may touch. Valid during <see cref="IAttack.Attack"/> only, on that thread only.</summary>
public sealed class AttackContext
{
    private readonly Action? _onStep;
    private readonly Action<IReadOnlyList<PromptWrapper>>? _onAsk;
    private readonly Func<CausalLanguageModel>? _loadParent;
    private readonly long _stepsBefore;
    private bool _asks;

    internal AttackContext(
        DeviceContext device, CausalLanguageModel model, AttackData data, BudgetMeter budget, SeededRandom random,
        ILogger log, IProgress<TrainingProgress> progress, CancellationToken cancellation, Action? onStep = null,
        ChatText? text = null, Action<IReadOnlyList<PromptWrapper>>? onAsk = null, Func<CausalLanguageModel>? loadParent = null)
    {
        (Device, Model, Data, Budget, Random, Log, Progress, Cancellation, _onStep) =
            (device, model, data, budget, random, log, progress, cancellation, onStep);
        (Text, _onAsk, _loadParent, _stepsBefore) = (text ?? ChatText.None, onAsk, loadParent, budget.Steps);
    }

    public DeviceContext Device { get; }

    /// <summary>The released weights.</summary>
    public CausalLanguageModel Model { get; }

    /// <summary>The attacker's part of the data.</summary>
    public AttackData Data { get; }

    public BudgetMeter Budget { get; }

    /// <summary>Seeded by the cell's attack and seed, not by its defense: every defense meets the same data order.</summary>
    public SeededRandom Random { get; }

    public ILogger Log { get; }

    public IProgress<TrainingProgress> Progress { get; }

    /// <inheritdoc cref="DefenseContext.Cancellation"/>
    public CancellationToken Cancellation { get; }

    /// <summary>Writes chats in the subject's format.</summary>
    public ChatText Text { get; }

    /// <summary>
    /// Has the host ask the forbidden prompts in these ways too, at every point of the trajectory and of the released weights; the most harmful way
    /// counts, the plain one among them. Called once at most, before the first step.
    /// </summary>
    /// <exception cref="ArgumentException">A wrapper cannot be used, or is too long for the model.</exception>
    /// <exception cref="InvalidOperationException">A step was charged already, or it is the second call.</exception>
    public void AskWith(IReadOnlyList<PromptWrapper> wrappers)
    {
        ArgumentNullException.ThrowIfNull(wrappers);
        if (_asks || Budget.Steps > _stepsBefore)
        {
            throw new InvalidOperationException(
                "TITER313 AskWith was called after a step, or twice. Call it once, with all wrappers, before the first step.");
        }

        if (PromptWrapper.Problem(wrappers)
            is { } problem) throw new ArgumentException($"TITER312 {problem} Correct the wrappers that AskWith gets.", nameof(wrappers));
        if (wrappers.Count > 0) _onAsk?.Invoke(wrappers);
        _asks = true;
    }

    /// <summary>
    /// A model with the weights of the subject's public parent: what it was made from, or the subject itself where that is public. Of the same
    /// architecture as <see cref="Model"/>, in the same precision; made anew by each call, and the caller's to dispose. Nothing is charged.
    /// </summary>
    /// <exception cref="InvalidOperationException">The scenario declares no parent, or the plugin does not declare
    /// <see cref="TiterPluginAttribute.NeedsParent"/>.</exception>
    public CausalLanguageModel LoadParent() => _loadParent?.Invoke() ?? throw new InvalidOperationException(
        "TITER314 There are no parent's weights here. Set NeedsParent = true in the TiterPlugin attribute, and play a scenario that has "
            + "subject.parent_weights.");

    /// <summary>Charges one optimizer step and, at points of the trajectory's grid, lets the host evaluate the model as it is now.</summary>
    /// <exception cref="BudgetExceededException">The budget is used up; let it pass, it is a normal end.</exception>
    public void Step()
    {
        Cancellation.ThrowIfCancellationRequested();
        Budget.ChargeStep();
        _onStep?.Invoke();
    }
}

/// <summary>One report of a training loop.</summary>
/// <param name="Step">Optimizer steps so far.</param>
/// <param name="Loss">The loss of that step, in nats per token unless the plugin says otherwise.</param>
public readonly record struct TrainingProgress(int Step, double Loss);
