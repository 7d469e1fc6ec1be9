using System.Diagnostics;
using Titer.Runtime.Phases;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What a process said last is heard, and nobody who holds its output is waited for without end.</summary>
public sealed class OutputTailTests
{
    [Fact]
    public async Task Last_words_that_come_after_the_exit_are_heard()
    {
        // The words are on their way for a while, as on a busy machine.
        var (output, exitCode) = await RunAsync("(sleep 0.4; echo 'last words' >&2) & exit 3");

        Assert.Equal((3, "last words"), (exitCode, output.Summary()));
    }

    [Fact]
    public async Task Both_streams_are_heard()
    {
        var (output, _) = await RunAsync("echo one; sleep 0.1; echo two >&2");

        Assert.Equal("one | two", output.Summary());
    }

    [Fact]
    public async Task Who_holds_the_streams_for_ever_is_not_waited_for()
    {
        var (output, exitCode) = await RunAsync("echo first; sleep 600 & echo $!; exit 4");
        var held = int.Parse(output.Summary(lines: 1), System.Globalization.CultureInfo.InvariantCulture);

        using var orphan = Process.GetProcessById(held);
        Assert.False(orphan.HasExited);
        orphan.Kill();

        Assert.Equal(4, exitCode);
        Assert.StartsWith("first", output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(OutputTail Output, int ExitCode)> RunAsync(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", script])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = new OutputTail();
        output.Listen(process);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output.HearOutAsync();
        return (output, process.ExitCode);
    }
}
