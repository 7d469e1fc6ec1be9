using System.Diagnostics;
using System.Runtime.CompilerServices;
using Titer.Files;
using Titer.Plugins;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>The one plugin of a phase: gate, load, lease; then its method on a thread of its own. What it throws comes back as text.</summary>
internal sealed class PluginStage : IDisposable
{
    private readonly PluginGeneration? _generation;
    private readonly PluginLease? _lease;
    private readonly PluginManifest? _manifest;
    private readonly Func<object>? _make;

    private PluginStage(PluginProblem problem) => Problem = problem;

    private PluginStage(PluginGeneration generation) => (_generation, _lease) = (generation, generation.Lease());

    private PluginStage(PluginLease lease) => _lease = lease;

    private PluginStage(PluginManifest manifest, Func<object> make) => (_manifest, _make) = (manifest, make);

    /// <summary>Why the plugin cannot be played; null when it can.</summary>
    public PluginProblem? Problem { get; }

    /// <exception cref="UnreachableException">There is a <see cref="Problem"/>.</exception>
    public PluginManifest Manifest => _manifest ?? _lease?.Manifest ?? throw new UnreachableException(Problem?.ToString());

    /// <summary>Loads the plugin of a defend or attack phase, if it is still the one that the tournament was planned with.</summary>
    /// <param name="runs">Called before the first of its code may run: reading and copying its files is the host's work.</param>
    /// <exception cref="MachineFaultException">Its files cannot be copied.</exception>
    public static PluginStage Open(PluginRoot scope, PhaseOrder order, Action? runs = null, bool looksForThreads = false)
    {
        ArgumentNullException.ThrowIfNull(order);
        var entrant = order.Phase.Kind == PhaseKind.Attack ? order.Phase.Attack! : order.Phase.Defense;
        var verdict =
            new PluginGate().Inspect(order.PluginFolder ?? throw new ArgumentException("The phase names no plugin folder.", nameof(order)));
        if (verdict.Plugin is not { } plugin) return new PluginStage(verdict.Errors.First());
        // A leaderboard never mixes two builds under one row.
        if (plugin.Manifest.ContentHash != entrant.ContentHash)
            return new PluginStage(new PluginProblem(PluginProblemCode.FilesChanged,
                $"The files of '{entrant.Id}' changed after the tournament was planned.",
                "Start the tournament again: the new build becomes an entrant of its own."));
        if (PluginGeneration.TryLoad(scope, plugin, order.ScratchFolder, out var generation, out var problem, runs))
            return new PluginStage(generation) { LooksForThreads = looksForThreads };
        return problem.IsMachines
            ? throw new MachineFaultException(MachineFaultException.DiskCode, $"{problem.Fact} {problem.Fix}")
            : new PluginStage(problem);
    }

    /// <summary>Plays on a generation that somebody else keeps; disposing ends the lease only.</summary>
    public static PluginStage On(PluginLease lease) => new(lease);

    /// <summary>
    /// Plays objects of this process' own: an author's test, and the baselines that need no folder. Options are in the object already.
    /// </summary>
    /// <param name="make">Called on the plugin's thread, once per call of its method; what it returns stays the caller's.</param>
    public static PluginStage Of(PluginManifest manifest, Func<object> make) => new(manifest, make);

    /// <summary>Watches the plugin's thread from inside; null for a match.</summary>
    internal IStageWatch? Watch { get; set; }

    /// <summary>Called on the plugin's thread before each of its calls.</summary>
    internal Action<PluginCall>? Calling { get; set; }

    /// <summary>Whether what the plugin leaves running is looked for: in a process that plays nothing else.</summary>
    internal bool LooksForThreads { get; init; }

    /// <summary>A stage that only says why it cannot play.</summary>
    public static PluginStage Refused(PluginProblem problem) => new(problem);

    /// <summary>Constructs the defense and lets it immunize the context's model.</summary>
    /// <returns>What it threw; null when it returned.</returns>
    public PluginFault? Immunize(DefenseContext context, IReadOnlyDictionary<string, string> options) =>
        Play(lease => lease.CreateDefense(options), defense => defense.Immunize(context));

    /// <summary>Constructs the attack and lets it attack the context's model.</summary>
    /// <returns>What it threw; null when it returned.</returns>
    public PluginFault? Attack(AttackContext context, IReadOnlyDictionary<string, string> options) =>
        Play(lease => lease.CreateAttack(options), attack => attack.Attack(context));

    /// <summary>Constructs the metric and asks it one question after the other.</summary>
    /// <returns>What it threw; null when it returned.</returns>
    internal PluginFault? Score(IEnumerable<MetricContext> questions, IReadOnlyDictionary<string, string> options, List<double[]?> scores) =>
        Play(lease => lease.CreateMetric(options), metric => scores.AddRange(questions.Select(q => metric.Score(q)?.ToArray())));

    public void Dispose()
    {
        _lease?.Dispose();
        _generation?.Dispose();
    }

    /// <summary>Constructor, method and Dispose are all the plugin's code, and its time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PluginFault? Play<T>(Func<PluginLease, PluginCreation<T>> create, Action<T> call)
        where T : class
    {
        PluginFault? refusal = null;
        var asynchronous = new AsyncVoidCounter();
        var fault = DedicatedThread.Run(
            () =>
            {
                SynchronizationContext.SetSynchronizationContext(asynchronous);
                Watch?.Entered();
                try
                {
                    refusal = Call(create, call);
                }
                finally
                {
                    Watch?.Left();
                    Calling?.Invoke(PluginCall.Dispose);
                    _lease?.EndMatch();
                }
            },
            deadline: Watch?.Deadline);
        return fault ?? refusal ?? (asynchronous.Running > 0 ? PluginFault.StillRunning("an async void method")
            : LooksForThreads && RunningThreads.Any() ? PluginFault.StillRunning("a task or thread that it started") : null);
    }

    private PluginFault? Call<T>(Func<PluginLease, PluginCreation<T>> create, Action<T> call)
        where T : class
    {
        Calling?.Invoke(PluginCall.Constructor);
        var creation = _make is null ? create(_lease!) : new((T)_make(), null);
        if (creation.Plugin is not { } plugin) return PluginFault.Refusal(creation.Fault, creation.Problem!);
        Calling?.Invoke(PluginCall.Method);
        call(plugin);
        return null;
    }
}

/// <summary>Sees a plugin's thread before its first line and after its last.</summary>
internal interface IStageWatch
{
    /// <summary>After it the thread is left to itself.</summary>
    TimeSpan Deadline { get; }

    void Entered();

    void Left();
}
