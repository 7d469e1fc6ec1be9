using System.Text.Json.Nodes;
using Titer.TestSupport;

namespace Titer.Benchmarks;

/// <summary>What ten hostile plugins beside them cost three good ones at two lanes, whose phases are the same in both runs.</summary>
internal static class NeighborBenchmarks
{
    private const int Pairs = 3;
    private const double MostOverhead = 1.5;

    private const string Head = """
        seeds: [1]
        budget: { attack: { steps: 24 }, defense: { steps: 24, seconds: 60, megabytes: 800 } }

        """;

    private const string Alone = Head + TenHostilePlugins.Alone;
    private const string Beside = Head + TenHostilePlugins.Beside;

    /// <summary>Their phases' wall time, summed, alone over beside; who plays first alternates.</summary>
    public static BenchmarkResult Run()
    {
        var pairs = Enumerable.Range(0, Pairs).Select(i =>
        {
            if (i % 2 == 0) return (Alone: Milliseconds(Alone), Beside: Milliseconds(Beside));
            var beside = Milliseconds(Beside);
            return (Alone: Milliseconds(Alone), Beside: beside);
        }).ToArray();
        var ratios = pairs.Select(p => p.Alone / p.Beside).Order().ToArray();
        return new BenchmarkResult("neighbors", "wall time of the phases of three good plugins, alone / beside ten hostile ones, two lanes",
            PairedRatio.Median(pairs.Select(p => p.Alone)), PairedRatio.Median(pairs.Select(p => p.Beside)), PairedRatio.Median(ratios), ratios[0],
            ratios[^1], Pairs, 1 / MostOverhead);
    }

    private static double Milliseconds(string tournament)
    {
        var folder = Directory.CreateTempSubdirectory("titer-benchmark-").FullName;
        try
        {
            var file = Path.Combine(folder, "tournament.yaml");
            File.WriteAllText(file, $"name: neighbors\n{tournament}\n");
            ProcessBenchmarks.Titer(folder, "run", file, "--plugins", TestRepository.Fixtures, "--lanes", "2", "--full");
            var phases = Directory.GetFiles(Path.Combine(folder, "results", "neighbors", "phases"), "*.json")
                .Select(f => JsonNode.Parse(File.ReadAllText(f))!).Where(TenHostilePlugins.IsGood).ToArray();
            if (!Array.TrueForAll(phases, p => (string?)p["status"] == "done")) throw new InvalidOperationException("A good phase failed.");
            return 1000 * phases.Sum(p => (double)p["wall_seconds"]!);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
