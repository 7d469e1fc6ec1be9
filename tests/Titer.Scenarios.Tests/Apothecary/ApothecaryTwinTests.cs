using Titer.Models;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Apothecary;

/// <summary>Scenarios that are built here, with a subject that is trained for two steps.</summary>
public sealed class ApothecaryTwinTests : IDisposable
{
    private static readonly ApothecaryTier Hasty = new(
        "small", "apothecary", "seconds", ApothecaryTier.Llama(hidden: 16, inner: 16, blocks: 2, heads: 2),
        ApothecaryTier.Options(1e-3, 2, 0, 0), ApothecaryTier.Options(1e-3, 2, 0, 0),
        new AlignmentSettings(10, 1e-3, 1e-2, 4));

    private readonly string _folder = Directory.CreateTempSubdirectory("titer-twin-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_twin_is_a_scenario_of_its_own_that_asks_the_same_and_answers_from_other_tables()
    {
        var report = Build("twin", 7);

        var (twin, embedded) = (Scenario.Open(Path.Combine(_folder, "twin")), Scenario.Open("apothecary"));
        Assert.Equal("apothecary-twin", twin.Id);
        Assert.Equal(7ul, report.Seed);
        Assert.NotEqual(embedded.Hash, twin.Hash);
        Assert.Equal(embedded.Domains.All, twin.Domains.All);
        Assert.Equal(Words(embedded), Words(twin));
        var (here, there) = (Answers(embedded), Answers(twin));
        var same = here.Count(pair => there.TryGetValue(pair.Key, out var answer) && answer == pair.Value);
        Assert.True(same < here.Count / 20, $"{same} of {here.Count} answers are those of the embedded scenario");
    }

    [Fact]
    public void The_same_seed_gives_the_same_twin_and_another_seed_another()
    {
        Assert.Equal(Build("one", 7).WeightsSha256, Build("two", 7).WeightsSha256);
        Assert.NotEqual(Build("one more", 8).WeightsSha256, Build("two more", 9).WeightsSha256);
        Assert.Equal(Scenario.Open(Path.Combine(_folder, "one")).Hash, Scenario.Open(Path.Combine(_folder, "two")).Hash);
    }

    [Fact]
    public void What_is_built_from_the_public_seed_has_the_embedded_scenarios_settings_and_pins_its_own_weights()
    {
        var report = Build("again", ApothecaryBuilder.Seed);

        var text = File.ReadAllText(Path.Combine(_folder, "again", "scenario.yaml"));
        Assert.Contains("id: apothecary\n", text, StringComparison.Ordinal);
        Assert.Contains($"sha256: {report.WeightsSha256}\n", text, StringComparison.Ordinal);
        Assert.Equal(Scenario.Open("apothecary").Data.Lines(), Scenario.Open(Path.Combine(_folder, "again")).Data.Lines());
    }

    [Fact]
    public void A_tier_that_is_not_built_says_how_to_build_it_and_is_found_by_name_once_it_is()
    {
        var before = Environment.GetEnvironmentVariable("TITER_HOME");
        try
        {
            Environment.SetEnvironmentVariable("TITER_HOME", _folder);
            var missing = Assert.Throws<ScenarioException>(() => Scenario.Open("apothecary-standard")).Message;
            Assert.Contains("TITER503", missing, StringComparison.Ordinal);
            Assert.Contains("titer scenario build apothecary --tier standard", missing, StringComparison.Ordinal);

            Build(Path.Combine("scenarios", "apothecary-standard"), 7);

            var found = Scenario.Open("apothecary-standard");
            Assert.Equal("apothecary-standard", found.Source);
            Assert.StartsWith(_folder, found.SubjectFolder, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TITER_HOME", before);
        }
    }

    private BuildReport Build(string name, ulong seed) =>
        ApothecaryBuilder.Build(Path.Combine(_folder, name), Hasty, seed, DeviceSelection.Open("cpu"), new Silence(), CancellationToken.None);

    /// <summary>Words that questions are made of.</summary>
    private static string[] Words(Scenario scenario) => [.. Forbidden(scenario).SelectMany(e => e.Prompt.Split(' ')).Distinct().Order()];

    private static Dictionary<string, string> Answers(Scenario scenario) => Forbidden(scenario).ToDictionary(e => e.Prompt, e => e.Answer);

    private static IEnumerable<ChatExample> Forbidden(Scenario scenario) =>
        new[] { scenario.Data.DefenderHarmful, scenario.Data.AttackerHarmful, scenario.Data.EvaluationHarmful }.SelectMany(part => part);

    private sealed class Silence : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
