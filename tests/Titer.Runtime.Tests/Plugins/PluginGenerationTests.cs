using System.Runtime.CompilerServices;
using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Tests.Plugins;

public sealed class PluginGenerationTests : IDisposable
{
    private static readonly Dictionary<string, string> NoOptions = [];

    private readonly TestFolder _folder = new();
    private readonly PluginRoot _root = PluginRoot.Create();

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_defense_is_made_with_its_options_and_unloaded_after_its_last_lease()
    {
        var generation = Load("GoodDefense");
        Assert.Equal("0.5 16 5000000000 True plain TowardZero [q|v]",
            Describe(generation, new() { ["scale"] = "0.5", ["direction"] = "toward_zero", ["layers"] = "q,v" }));
        generation.Retire();
        Assert.True(generation.ProveUnloaded());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Sub("shadow")));
    }

    [Fact]
    public void Twenty_generations_are_all_collected()
    {
        for (var i = 0; i < 20; i++)
        {
            var generation = Load("GoodDefense");
            Assert.StartsWith($"1 {i + 1} ", Describe(generation, new() { ["batch_size"] = $"{i + 1}" }), StringComparison.Ordinal);
            generation.Retire();
            Assert.True(generation.ProveUnloaded(), $"generation {i} is still in memory");
        }
    }

    [Fact]
    public void A_retired_generation_takes_no_new_lease_and_lives_until_the_last_one_ends()
    {
        var generation = Load("GoodDefense");
        var (first, second) = (generation.Lease(), generation.Lease());
        generation.Retire();
        Assert.False(generation.TryLease(out _));
        Assert.Contains(PluginProblemCode.GenerationRetired, Assert.Throws<InvalidOperationException>(() => generation.Lease()).Message,
            StringComparison.Ordinal);

        first.Dispose();
        first.Dispose();
        Assert.Equal(1, generation.Leases);
        Assert.False(generation.ProveUnloaded(collections: 2));
        Assert.Null(ProblemOf(second, NoOptions));

        second.Dispose();
        Assert.True(generation.ProveUnloaded());
    }

    [Theory]
    [InlineData("ThrowsInConstructor", PluginProblemCode.ConstructorThrew, "ThrowsInConstructor.BadMoodException: the constructor is in a bad mood")]
    [InlineData("ThrowsInStaticConstructor", PluginProblemCode.StaticConstructorThrew, "System.InvalidOperationException: the table is missing")]
    public void What_a_constructor_throws_is_text_and_does_not_keep_the_plugin(string fixture, string code, string text)
    {
        var generation = Load(fixture);
        var problem = Problem(generation, NoOptions)!;
        Assert.Equal(code, problem.Code);
        Assert.Contains(text, problem.Fact, StringComparison.Ordinal);
        generation.Retire();
        Assert.True(generation.ProveUnloaded());
    }

    [Fact]
    public void What_a_method_throws_is_text_and_does_not_keep_the_plugin()
    {
        var generation = Load("ThrowsInMethod");
        var fault = Immunize(generation);
        Assert.Equal("ThrowsInMethod.GivingUpException: the method gave up", fault!.ToString());
        Assert.Contains("QuitterDefense.Immunize", fault.Trace, StringComparison.Ordinal);
        generation.Retire();
        Assert.True(generation.ProveUnloaded());
    }

    [Fact]
    public void A_plugin_that_leaves_a_timer_running_is_found_out()
    {
        var generation = Load("LeakyTimer");
        Assert.Null(Problem(generation, NoOptions));
        generation.Retire();
        Assert.False(generation.ProveUnloaded(collections: 4));
    }

    [Fact]
    public void Options_are_checked_before_the_constructor_runs()
    {
        using var generation = Load("GoodDefense");
        Assert.Equal(PluginProblemCode.OptionRange, Problem(generation, new() { ["scale"] = "11" })!.Code);
    }

    [Fact]
    public void A_plugin_is_only_made_as_what_it_is()
    {
        using var generation = Load("GoodDefense");
        using var lease = generation.Lease();
        Assert.Equal(PluginProblemCode.WrongKind, lease.CreateAttack(NoOptions).Problem?.Code);
        Assert.Equal(PluginProblemCode.WrongKind, lease.CreateMetric(NoOptions).Problem?.Code);
    }

    [Fact]
    public void A_metric_scores_through_the_SDKs_interface_and_is_disposed_with_its_lease()
    {
        var folder = PluginCompiler.Compile(_folder.Sub("metric"), "Length", """
            [assembly: TiterPlugin("length", 1)]
            public sealed record Options(double Longest = 4);
            public sealed class Length : IMetric, IDisposable
            {
                private readonly Options _options;
                public Length(Options options) => _options = options;
                public double[] Score(MetricContext context)
                {
                    var scores = new double[context.Answers.Count];
                    for (var i = 0; i < scores.Length; i++) scores[i] = Math.Min(1, context.Answers[i].Length / _options.Longest);
                    return scores;
                }
                public void Dispose() => throw new InvalidOperationException("disposed");
            }
            """);
        var generation = LoadFolder(folder);
        var (scores, fault) = Score(generation);
        Assert.Equal([0.25, 1], scores);
        Assert.Equal("System.InvalidOperationException: disposed", fault?.ToString());
        generation.Retire();
        Assert.True(generation.ProveUnloaded());
    }

    [Fact]
    public void Files_that_changed_since_the_gate_are_not_loaded()
    {
        var folder = _folder.CopyOf("GoodDefense", "changing");
        var plugin = new PluginGate().Inspect(folder).Plugin!;
        File.WriteAllText(Path.Combine(folder, "late.txt"), "a file that came late");
        Assert.False(PluginGeneration.TryLoad(_root, plugin, _folder.Sub("shadow"), out _, out var problem));
        Assert.Equal(PluginProblemCode.FilesChanged, problem.Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Sub("shadow")));
    }

    [Fact]
    public void A_file_named_like_a_shared_assembly_is_not_loaded_from_the_plugins_folder()
    {
        var folder = _folder.CopyOf("GoodDefense", "logging");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Microsoft.Extensions.Logging.Abstractions.dll"),
            Path.Combine(folder, "Microsoft.Extensions.Logging.Abstractions.dll"));
        using var generation = LoadFolder(folder);
        Assert.Null(Problem(generation, NoOptions));
        Assert.Empty(Directory.EnumerateFiles(_folder.Sub("shadow"), "Microsoft.*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_dependency_that_is_not_the_one_of_the_build_is_a_problem_with_text()
    {
        var dependency = PluginCompiler.Stranger("Missing", "1.0.0.0", "namespace Missing { public class Base { } }");
        var folder = PluginCompiler.Compile(_folder.Sub("needy"), "Needy",
            "[assembly: TiterPlugin(\"needy\", 1)] public sealed class D : Missing.Base, IDefense { public void Immunize(DefenseContext c) { } }",
            dependency);
        Assert.Equal(PluginProblemCode.DependencyMissing, Assert.Single(new PluginGate().Inspect(folder).Errors).Code);
        File.WriteAllBytes(Path.Combine(folder, "Missing.dll"),
            PluginCompiler.Stranger("Missing", "1.0.0.0", "namespace Missing { public class Other { } }").Image);
        var plugin = new PluginGate().Inspect(folder).Plugin!;
        Assert.False(PluginGeneration.TryLoad(_root, plugin, _folder.Sub("shadow"), out _, out var problem));
        Assert.Equal(PluginProblemCode.LoadFailed, problem.Code);
        Assert.Contains("Missing", problem.Fact, StringComparison.Ordinal);
    }

    private PluginGeneration Load(string fixture) => LoadFolder(FixtureFolder.Of(fixture));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PluginGeneration LoadFolder(string folder)
    {
        var plugin = new PluginGate().Inspect(folder).Plugin!;
        Assert.True(PluginGeneration.TryLoad(_root, plugin, _folder.Sub("shadow"), out var generation, out var problem), problem?.ToString());
        return generation;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Describe(PluginGeneration generation, Dictionary<string, string> options)
    {
        using var lease = generation.Lease();
        var text = "";
        Assert.Null(DedicatedThread.Run(() => text = lease.CreateDefense(options).Plugin!.ToString()!));
        return text;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PluginProblem? Problem(PluginGeneration generation, Dictionary<string, string> options)
    {
        using var lease = generation.Lease();
        return ProblemOf(lease, options);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PluginProblem? ProblemOf(PluginLease lease, Dictionary<string, string> options)
    {
        PluginProblem? problem = null;
        Assert.Null(DedicatedThread.Run(() => problem = lease.CreateDefense(options).Problem));
        return problem;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PluginFault? Immunize(PluginGeneration generation)
    {
        using var lease = generation.Lease();
        return DedicatedThread.Run(() => lease.CreateDefense(NoOptions).Plugin!.Immunize(null!));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (double[] Scores, PluginFault? Fault) Score(PluginGeneration generation)
    {
        double[] scores = [];
        var lease = generation.Lease();
        using (lease)
            Assert.Null(DedicatedThread.Run(
                () => scores = lease.CreateMetric(NoOptions).Plugin!.Score(new MetricContext(["p", "q"], ["a", "abcdef"], ["", ""]))));
        return (scores, lease.DisposeFault);
    }
}
