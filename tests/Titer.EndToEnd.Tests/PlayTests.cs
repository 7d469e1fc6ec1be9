using System.Diagnostics;

namespace Titer.EndToEnd.Tests;

/// <summary>The author's loop, as its author sees it.</summary>
public sealed class PlayTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    [SampledFact]
    public async Task Each_build_is_played_and_compared_with_the_one_before_and_an_abort_gets_a_fresh_process()
    {
        using var folder = new TestFolder();
        var drop = Path.Combine(folder.Path, "drop");
        Drop("TrainsBriefly", drop);
        using var process = TiterProcess.Start(folder.Path, "play", drop, "--matches", "2");
        try
        {
            var screen = new Screen(process);
            await screen.UntilAsync("match of build 1");

            // A constructor's exception is found before it replaces anything.
            Drop("ThrowsInConstructor", drop);
            await screen.UntilAsync("refused, the build before stays");
            await screen.UntilAsync("TITER132");

            // What aborts the process takes down the worker, not the loop.
            Drop("MultipliesWrongShapes", drop);
            await screen.UntilAsync("A fresh process waits for the next build");
            Assert.Contains("c10::Error", screen.Text, StringComparison.Ordinal);

            Drop("TrainsBriefly", drop, extra: "changed");
            await screen.UntilAsync("match of build 3");
            await process.WaitForExitAsync(screen.Token);
            Assert.Equal(0, process.ExitCode);
            Assert.Contains("build 1 is gone from memory", screen.Text, StringComparison.Ordinal);
            Assert.Contains("harm trains_briefly by full_parameter_finetune InDomain", screen.Text, StringComparison.Ordinal);
            foreach (var condition in new[] { "resistance", "stability", "cross-domain", "trainability" })
                Assert.Contains($"  {condition}", screen.Text, StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    [SampledFact]
    public async Task A_build_that_never_stops_gives_way_to_the_next_one()
    {
        using var folder = new TestFolder();
        var drop = Path.Combine(folder.Path, "drop");
        Drop("LoopsForever", drop);
        using var process = TiterProcess.Start(folder.Path, "play", drop, "--matches", "1");
        try
        {
            var screen = new Screen(process);
            await screen.UntilAsync("defend no_defense seed 1");
            // The next phase is the endless one.
            await Task.Delay(TimeSpan.FromSeconds(1), screen.Token);
            Drop("TrainsBriefly", drop);
            await screen.UntilAsync("did not stop for the new one");
            await screen.UntilAsync("defense trains_briefly");
            await process.WaitForExitAsync(screen.Token);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    [SampledFact]
    public async Task Twelve_builds_dropped_during_a_tournament_change_nothing_in_it()
    {
        using var folder = new TestFolder();
        var plugins = Path.Combine(folder.Path, "plugins");
        Drop("TrainsBriefly", Path.Combine(plugins, "a"));
        folder.Write("t.yaml", """
            name: t
            seeds: [1, 2]
            budget: { attack: { steps: 3 }, defense: { steps: 3 } }
            defenses: [trains_briefly]
            attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
            """);
        var quiet = await TiterProcess.RunAsync(folder.Path, "run", "t.yaml", "--plugins", plugins, "--out", "quiet");
        Assert.True(quiet.ExitCode == 0, quiet.Output + quiet.Error);

        using var process = TiterProcess.Start(folder.Path, "run", "t.yaml", "--plugins", plugins, "--out", "noisy");
        try
        {
            var screen = new Screen(process);
            await screen.UntilAsync("[  1/20]");
            for (var i = 0; i < 12; i++)
            {
                Drop(i % 3 == 2 ? "MultipliesWrongShapes" : "TrainsBriefly", Path.Combine(plugins, "a"), extra: $"drop {i}");
                await Task.Delay(TimeSpan.FromMilliseconds(300), screen.Token);
            }

            await process.WaitForExitAsync(screen.Token);
            Assert.True(process.ExitCode == 0, screen.Text);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        Assert.Equal(Leaderboard.Read(Path.Combine(folder.Path, "quiet")).WithoutTimings(),
            Leaderboard.Read(Path.Combine(folder.Path, "noisy")).WithoutTimings());
    }

    /// <summary>Puts a fixture's build in place, as a copy does.</summary>
    private static void Drop(string fixture, string target, string? extra = null)
    {
        Directory.CreateDirectory(target);
        foreach (var old in Directory.EnumerateFiles(target)) File.Delete(old);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Zoo.Fixtures, fixture)))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        // Another build, as far as its content hash goes.
        if (extra is not null) File.WriteAllText(Path.Combine(target, "build.txt"), extra);
    }

    /// <summary>What a process printed so far.</summary>
    private sealed class Screen
    {
        private readonly List<string> _lines = [];
        private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        public Screen(Process process)
        {
            _deadline.CancelAfter(Deadline);
            process.OutputDataReceived += (_, e) => Add(e.Data);
            process.ErrorDataReceived += (_, e) => Add(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public CancellationToken Token => _deadline.Token;

        public string Text
        {
            get
            {
                lock (_lines) return string.Join('\n', _lines);
            }
        }

        public async Task UntilAsync(string words)
        {
            while (!Text.Contains(words, StringComparison.Ordinal))
            {
                Assert.False(Token.IsCancellationRequested, $"'{words}' never came:\n{Text}");
                await Task.Delay(50, CancellationToken.None);
            }
        }

        private void Add(string? line)
        {
            if (line is null) return;
            lock (_lines) _lines.Add(line);
        }
    }
}
