using System.Runtime.CompilerServices;
using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Phases;

/// <summary>
/// A metric plugin in this process: gate, load, lease, one object, and each of its calls on a thread of its own. What it throws comes back as a
/// <see cref="MetricFaultException"/>, which holds nothing of the plugin. For a metric's own worker, and for authors.
/// </summary>
internal sealed class MetricStage : IMetric, IDisposable
{
    private readonly PluginGeneration? _generation;
    private readonly PluginLease _lease;
    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly TimeSpan? _patience;
    private IMetric? _metric;

    private MetricStage(PluginGeneration? generation, PluginLease lease, IReadOnlyDictionary<string, string> options, TimeSpan? patience) =>
        (_generation, _lease, _options, _patience) = (generation, lease, options, patience);

    /// <param name="scratch">Writable folder for the copy that is loaded.</param>
    /// <param name="patience">Of one call; null where a supervisor watches the process.</param>
    /// <exception cref="MetricFaultException">It cannot be loaded, or its files are not those that the tournament was planned with.</exception>
    /// <exception cref="MachineFaultException">Its files cannot be copied.</exception>
    public static MetricStage Open(PluginRoot root, MetricOrder order, string scratch, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(order);
        var verdict = new PluginGate().Inspect(order.Folder);
        if (verdict.Plugin is not { } plugin) throw Fault(verdict.Errors.First());
        if (plugin.Manifest.ContentHash != order.ContentHash)
            throw Fault(new PluginProblem(PluginProblemCode.FilesChanged, $"The files of '{order.Id}' changed after the tournament was planned.",
                "Start the tournament again."));
        if (PluginGeneration.TryLoad(root, plugin, scratch, out var generation, out var problem)) return new MetricStage(generation,
            generation.Lease(), order.Options, patience);
        throw problem.IsMachines ? new MachineFaultException(MachineFaultException.DiskCode, $"{problem.Fact} {problem.Fix}") : Fault(problem);
    }

    /// <summary>On a generation that somebody else keeps; disposing ends the lease only.</summary>
    public static MetricStage On(PluginLease lease, IReadOnlyDictionary<string, string> options, TimeSpan? patience = null) =>
        new(null, lease, options, patience);

    /// <summary>Asks the metric, and holds what it answers against what it was asked.</summary>
    /// <exception cref="MetricFaultException">It gave no scores.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        PluginProblem? problem = null;
        double[]? scores = null;
        var id = _lease.Manifest.Id;
        var fault = DedicatedThread.Run(
            () =>
            {
                (_metric, problem) = _metric is null && _lease.CreateMetric(_options) is var made ? (made.Plugin, made.Problem) : (_metric, null);
                scores = _metric?.Score(context);
            },
            "metric", _patience);
        if (problem is not null) throw new MetricFaultException(MetricFaultException.ThrewCode,
            $"The metric '{id}' cannot be made: {problem.Fact} {problem.Fix}");
        if (fault is { Kind: "Timeout" }) throw Late(id, _patience!.Value.TotalSeconds);
        if (fault is not null) throw new MetricFaultException(MetricFaultException.ThrewCode,
            $"The metric '{id}' threw {fault}{(fault.Message.EndsWith('.') ? "" : ".")} {fault.Trace.Split('\n')[0]}".TrimEnd());
        return MetricScores.Checked(id, scores, context.Answers.Count);
    }

    public void Dispose()
    {
        _metric = null;
        _lease.Dispose();
        _generation?.Dispose();
    }

    internal static MetricFaultException Late(string metric, double seconds) => new(MetricFaultException.LateCode,
        string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"The metric '{metric}' did not answer within {seconds:0.##} s. Bound its loops, or give it more time (budget: metric: seconds)."));

    private static MetricFaultException Fault(PluginProblem problem) => new(problem.Code, $"{problem.Fact} {problem.Fix}");
}
