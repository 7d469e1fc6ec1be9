namespace Titer.EndToEnd.Tests;

/// <summary>A signal to the process group, or a closed terminal, at any moment: running phases finish, nobody is
/// blamed, and the next run comes to the same numbers.</summary>
[Collection(Sleepers.Name)]
public sealed class SignalTests
{
    private const string Tournament = """
        name: s
        seeds: [1]
        budget: { attack: { steps: 2, seconds: 30 }, defense: { steps: 3, seconds: 30 } }
        defenses: [{ id: sleeps_long, set: { seconds: 2 } }, safety_sft]
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
        """;

    /// <summary>A sample of every signal; the whole is the explicit test below.</summary>
    [SampledFact]
    public Task Running_phases_finish_and_the_next_run_completes() => AssertSurvivesAsync(Sampled.From<RunSignal>(
    [
        new("TERM", 1.2, "auto", false), new("TERM", 2.4, "off", true), new("HUP", 0.9, "auto", true), new("INT", 1.8, "auto", true),
        new("INT", 3.1, "off", false), new("CLOSE", 1.5, "auto", true), new("CLOSE", 2.8, "off", true),
    ], 3));

    [Fact(Explicit = true)]
    public Task At_ten_moments_each_with_and_without_sandbox_and_terminal() => AssertSurvivesAsync(
    [
        .. from moment in Enumerable.Range(0, 10)
           from signal in new[] { "TERM", "HUP", "INT", "CLOSE" }
           from sandbox in new[] { "auto", "off" }
           from onTerminal in signal == "CLOSE" ? new[] { true } : [true, false]
           select new RunSignal(signal, 0.4 + 0.4 * moment, sandbox, onTerminal),
    ]);

    private static async Task AssertSurvivesAsync(IReadOnlyList<RunSignal> signals)
    {
        if (!RunSignal.IsPossible) Assert.Skip("Signals to a process group are sent by python3, which is not installed.");
        using var folder = new TestFolder();
        folder.WriteTournament("t.yaml", Tournament);
        // What a worker sees of the system stands in its results, and a sandbox hides some of it.
        var expected = new Dictionary<string, string>();
        foreach (var signal in signals)
        {
            if (!expected.ContainsKey(signal.Sandbox)) expected[signal.Sandbox] = await UninterruptedAsync(folder, signal.Sandbox);
            var results = Path.Combine(folder.Path, "out");
            if (Directory.Exists(results)) Directory.Delete(results, recursive: true);
            var output = Path.Combine(folder.Path, "output.txt");

            var exitCode = await signal.RunAsync(folder, output, "t.yaml", "--plugins", Zoo.Fixtures, "--out", "out");

            var printed = File.ReadAllText(output);
            var said = $"{signal}: exit code {exitCode}\n{printed}";
            // 0: it was through. 128 and the signal: it came before the program's first line.
            Assert.True(exitCode is 0 or 130 || (printed.Length == 0 && exitCode is 129 or 143), said);
            Assert.False(File.Exists(Path.Combine(folder.Path, ".titer", "quarantine.json")), said);
            var stored = Directory.Exists(Path.Combine(results, "phases")) ? Directory.GetFiles(Path.Combine(results, "phases")) : [];
            Assert.All(stored, file => Assert.True(File.ReadAllText(file).Contains("\"status\":\"done\"", StringComparison.Ordinal),
                $"{said}\n{File.ReadAllText(file)}"));

            var resumed =
                await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures, "--out", "out", "--sandbox", signal.Sandbox);
            Assert.True(resumed.ExitCode == 0, said + resumed.Output + resumed.Error);
            Assert.Equal(expected[signal.Sandbox], Leaderboard.Read(results).WithoutTimings());
        }
    }

    private static async Task<string> UninterruptedAsync(TestFolder folder, string sandbox)
    {
        var whole = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", Zoo.Fixtures, "--out", "whole-" + sandbox, "--sandbox",
            sandbox);
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Error);
        return Leaderboard.Read(Path.Combine(folder.Path, "whole-" + sandbox)).WithoutTimings();
    }
}
