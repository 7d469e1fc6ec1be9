using Titer.Models;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Conformance;

/// <summary>The same for the process that plays the trials.</summary>
/// <param name="ScenarioPartFile">Where the part lies.</param>
/// <param name="Limits">Of a phase.</param>
/// <param name="HandOverFile">Where it hands its weights over.</param>
internal sealed record TrialOrder(string ScenarioPartFile, PhaseLimits Limits, string HandOverFile);

/// <summary>The phases of a tournament that a plugin's trials are to look like.</summary>
/// <param name="Part">What a phase of this plugin sees of the scenario.</param>
/// <param name="Limits">Of such a phase.</param>
internal sealed record TrialPhases(ScenarioPart Part, PhaseLimits Limits)
{
    /// <summary>Trials are many: on a larger subject they would take minutes.</summary>
    private const long MostSubjectBytes = 4L << 20;

    /// <returns>Null where the subject is too large for trials.</returns>
    public static TrialPhases? Of(Scenario scenario, PluginKind kind, PhaseLimits limits)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var bytes = new DirectoryInfo(scenario.SubjectFolder).EnumerateFiles("*.safetensors").Sum(f => f.Length);
        return kind == PluginKind.Metric || bytes is 0 or > MostSubjectBytes ? null
            : new TrialPhases(scenario.PartFor(kind == PluginKind.Attack ? ScenarioAudience.Attacker : ScenarioAudience.Defender), limits);
    }
}

/// <summary>
/// A tournament's own subject, data and limits, as a phase gives them to its plugin: by looking at them it cannot tell a trial from a phase. An
/// attack has a phase's whole budget and is ended as early stopping ends one; a defense cannot be ended early and has a budget of a trial's steps.
/// </summary>
internal sealed class SubjectMaterial(TrialOrder order, ScenarioSession session)
{
    public static SubjectMaterial Open(TrialOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new SubjectMaterial(order, ScenarioSession.Open(ScenarioPart.Read(order.ScenarioPartFile), DeviceSelection.Open("cpu")));
    }

    public DeviceContext Device => session.Device;

    /// <exception cref="Titer.Models.Checkpoints.CheckpointException">The subject cannot be opened.</exception>
    public TrialGround Ground(PluginManifest plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var model = session.LoadSubject();
        if (plugin.Kind == PluginKind.Defense)
        {
            var data = session.DefenseData();
            return new TrialGround(model, () => data, _ => throw new InvalidOperationException("A defense has no attacker's data."),
                [.. data.Pairs.SelectMany(p => new[] { p.Harmful, p.Refusal }), .. data.Benign])
            {
                Budget = Shortened(order.Limits).ToBudget(model),
            };
        }

        var exposure = plugin.TrainsOn == TrainingData.Harmful ? Exposure.InDomain : Exposure.None;
        var attack = session.PrepareAttackData(ExposedDomains.Of(exposure, session.Scenario.Domains));
        var rows = attack(TrainingData.Harmful);
        return new TrialGround(model, () => throw new InvalidOperationException("An attack has no defender's data."), attack,
            [.. rows.Harmful, .. rows.Benign])
        {
            Budget = order.Limits.ToBudget(model),
            LastStep = TrialGround.Steps,
            Text = session.Text(),
            Parent = session.Scenario.ParentFolder is null ? null : () => session.LoadParent()!,
            Measurement = new HandOverMeasurement(order.HandOverFile, model, new Nobody()),
        };
    }

    private static PhaseLimits Shortened(PhaseLimits limits) => limits.Steps <= TrialGround.Steps ? limits : limits with
    {
        Steps = TrialGround.Steps,
        Samples = limits.Samples * TrialGround.Steps / limits.Steps,
    };

    /// <summary>Takes what is handed over, and looks at nothing.</summary>
    private sealed class Nobody : ISupervisorLine
    {
        public bool Give(HandOver handOver) => false;

        public (bool IsEnough, string? Refusal) Ask(IReadOnlyList<PromptWrapper> wrappers, HandOver? handOver) => (false, null);

        public ToMeasure? Take() => null;

        public void Done(bool isEnough, double? worstHarm, double? secondsPerStep, string? refusal)
        {
            // Nothing is measured.
        }
    }
}
