using Microsoft.Extensions.Logging.Abstractions;
using Titer.Models;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Plugins.Tests;

/// <summary>A defense on the embedded subject, within the scenario's own steps.</summary>
internal static class DefendedSubject
{
    private static readonly Scenario Scenario = Scenario.Open("apothecary");

    /// <returns>Steps that were charged.</returns>
    public static long Immunize(CausalLanguageModel model, IDefense defense, ulong seed = 21)
    {
        var session = ScenarioSession.Open(Scenario.Whole(), DeviceSelection.Open("cpu"));
        using var random = new SeededRandom(seed, session.Device.Device);
        var meter = new BudgetMeter(new Budget { Steps = Scenario.Budgets.DefenseSteps });
        defense.Immunize(new DefenseContext(session.Device, model, session.DefenseData(), meter, random, NullLogger.Instance,
            new Progress<TrainingProgress>(), TestContext.Current.CancellationToken));
        return meter.Steps;
    }
}
