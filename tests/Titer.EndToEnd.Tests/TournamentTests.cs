using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>Real tournaments on the embedded subject, in worker processes.</summary>
public sealed class TournamentTests
{
    [Fact]
    public async Task The_undefended_subject_breaks_after_steps_that_are_told_apart_and_the_adversarial_loss_takes_more()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: picture
            seeds: [1]
            defenses: [adversarial_loss]
            attacks: [full_parameter_finetune]
            """);

        var outcome = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var board = Leaderboard.Read(Path.Combine(folder.Path, "results", "picture"));
        Assert.Equal(["adversarial_loss", "no_defense"], board.Order);
        Assert.InRange((double)board.Cell("no_defense", "full_parameter_finetune")["cost_to_break_steps"]!, 20, 50);
        // Over three models and a search 1:1.2: the subject's own refusals were trained against attacks, as the front page says.
        var ratio = (double)board.Row("adversarial_loss")["titer_ratio"]!;
        Assert.True(ratio > 1, $"1:{ratio}");
        Assert.All(board.Order, d => Assert.Equal("held", (string)board.Cell(d, "no_weight_modification", "none")["cost_text"]!));
        Assert.Equal("fail", (string)board.Row("no_defense")["resistance"]!["verdict"]!);
        Assert.Equal("pass", (string)board.Row("no_defense")["stability"]!["verdict"]!);
        Assert.Contains("adversarial_loss", outcome.Output, StringComparison.Ordinal);
        Assert.Contains((string)board.Row("adversarial_loss")["titer"]!, outcome.Output, StringComparison.Ordinal);
        var csv = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "results", "picture", "crosstable.csv"),
            TestContext.Current.CancellationToken);
        Assert.Equal(1 + 2 * 3, csv.Length);
    }

    [Fact]
    public async Task The_same_tournament_twice_differs_in_timings_only_and_a_third_run_plays_nothing()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: twice
            seeds: [1]
            budget: { attack: { steps: 3 }, defense: { steps: 4 } }
            defenses: [{ id: repnoise, set: { beta: 0.01 } }]
            attacks: [{ id: lora_finetune, set: { learning_rate: 1e-5 } }]
            """);

        var first = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "a", "--lanes", "1", "--fresh-workers");
        var second = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--out", "b", "--lanes", "2");
        var phases = Directory.GetFiles(Path.Combine(folder.Path, "a", "phases")).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        var third = await TiterProcess.RunAsync(folder.Path, "resume", "t.yaml", "--out", "a");

        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        Assert.Equal((0, 0), (second.ExitCode, third.ExitCode));
        var board = Leaderboard.Read(Path.Combine(folder.Path, "a")).WithoutTimings();
        Assert.Equal(board, Leaderboard.Read(Path.Combine(folder.Path, "b")).WithoutTimings());
        // One lane against two: every phase, bit for bit, weights and answers by their hashes.
        Assert.Equal(PhasesWithoutMeasurements(Path.Combine(folder.Path, "a")), PhasesWithoutMeasurements(Path.Combine(folder.Path, "b")));
        Assert.Contains("0 of 10 phases to play", third.Output, StringComparison.Ordinal);
        Assert.Equal(board, Leaderboard.Read(Path.Combine(folder.Path, "a")).WithoutTimings());
        Assert.All(Directory.GetFiles(Path.Combine(folder.Path, "a", "phases")), f => Assert.Equal(phases[f], File.GetLastWriteTimeUtc(f)));
    }

    [Fact]
    public async Task An_interrupted_run_keeps_its_results_and_goes_on()
    {
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", """
            name: stopped
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 2 } }
            defenses: [safety_sft]
            attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
            """);
        using var process = TiterProcess.Start(folder.Path, "run", "t.yaml", "--lanes", "1");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromMinutes(6));
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.Contains("/10]", StringComparison.Ordinal))
            {
                // Until the first phase is done.
            }

            // SIGTERM is handled like Ctrl-C; a shell may have started the tests with SIGINT ignored.
            using var interrupt =
                System.Diagnostics.Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        var kept = Directory.GetFiles(Path.Combine(folder.Path, "results", "stopped", "phases")).Length;
        var resumed = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml");

        Assert.Equal(130, process.ExitCode);
        Assert.InRange(kept, 1, 9);
        Assert.Contains($"{10 - kept} of 10 phases to play", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(0, resumed.ExitCode);
    }

    private static string[] PhasesWithoutMeasurements(string results) =>
    [
        .. Directory.GetFiles(Path.Combine(results, "phases")).Order(StringComparer.Ordinal).Select(file =>
        {
            var phase = JsonNode.Parse(File.ReadAllText(file))!;
            Remove(phase, "wall_seconds", "device_seconds", "peak_memory_megabytes", "processor_seconds", "checksum", "seal");
            return Path.GetFileName(file) + phase.ToJsonString();
        }),
    ];

    private static void Remove(JsonNode? node, params string[] names)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list) Remove(item, names);
        }
        else if (node is JsonObject record)
        {
            foreach (var name in names) record.Remove(name);
            foreach (var (_, value) in record) Remove(value, names);
        }
    }
}
