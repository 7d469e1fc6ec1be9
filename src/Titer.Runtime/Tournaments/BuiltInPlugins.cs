using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;
using Titer.Sdk.Training;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>
/// The baselines that every match needs, without a plugin folder: a project that has only packages has none. Ids and numbers are those of the
/// bundled plugins, so that seeds, and with them results, are the same.
/// </summary>
internal static class BuiltInPlugins
{
    private static readonly (PluginManifest Manifest, Func<object> Make)[] Known =
    [
        (TypeManifest.BuiltIn(typeof(Undefended), "no_defense", TrainingData.None), () => new Undefended()),
        (TypeManifest.BuiltIn(typeof(Control), "no_weight_modification", TrainingData.None), () => new Control()),
        (TypeManifest.BuiltIn(typeof(OrdinaryFineTune), "full_parameter_finetune", TrainingData.Harmful), () => new OrdinaryFineTune()),
    ];

    public static IReadOnlyList<string> Ids { get; } = [.. Known.Select(k => k.Manifest.Id)];

    /// <summary>A catalog with the baselines, and the given plugins in place of whatever has their ids.</summary>
    public static PluginCatalog CatalogWith(IEnumerable<InstalledPlugin> plugins) =>
        Known.Select(k => new InstalledPlugin(k.Manifest, "", "")).Concat(plugins)
            .Aggregate(PluginCatalog.Scan(Array.Empty<string>()), (catalog, plugin) => catalog.With(plugin));

    /// <summary>Null when the phase's plugin is none of these.</summary>
    public static PluginStage? StageOf(PhaseOrder order)
    {
        var entrant = order.Phase.Kind == PhaseKind.Attack ? order.Phase.Attack! : order.Phase.Defense;
        var (manifest, make) = Known.FirstOrDefault(k => k.Manifest.ContentHash == entrant.ContentHash);
        return manifest is null ? null : PluginStage.Of(manifest, make);
    }

    private sealed class Undefended : IDefense
    {
        public void Immunize(DefenseContext context)
        {
            // The undefended subject is the result.
        }
    }

    private sealed class Control : IAttack
    {
        public void Attack(AttackContext context)
        {
            // The released model, unchanged, is the result.
        }
    }

    private sealed class OrdinaryFineTune : IAttack
    {
        private const double LearningRate = 1.9e-3;
        private const int BatchSize = 16;

        public void Attack(AttackContext context)
        {
            context.Model.ToCanonicalUnits();
            new FineTuner(new FineTunerOptions { LearningRate = LearningRate, MaxSteps = 1_000_000 }).Run(context, context.Data.Harmful, BatchSize);
        }
    }
}
