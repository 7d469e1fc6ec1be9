using System.Diagnostics;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>A sandbox that dies with its parent dies with the thread that started it.</summary>
public sealed class WorkerLauncherTests
{
    private static readonly string[] Sandbox = ["--die-with-parent", "--ro-bind", "/", "/", "sleep", "30"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_worker_outlives_the_thread_that_asked_for_it()
    {
        SkipWithoutSandbox();
        Process? process = null;
        OnAThreadThatEnds(() => process = WorkerLauncher.StartAsync(Command()).GetAwaiter().GetResult());
        try
        {
            await Task.Delay(Patience, TestContext.Current.CancellationToken);
            Assert.False(process!.HasExited, "it was killed with the thread that asked for it");
        }
        finally
        {
            process!.Kill();
            process.Dispose();
        }
    }

    [Fact]
    public async Task Started_on_a_thread_that_ends_it_is_killed_which_is_why()
    {
        SkipWithoutSandbox();
        Process? process = null;
        OnAThreadThatEnds(() => process = Process.Start(Command()));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await process!.WaitForExitAsync(deadline.Token);
        Assert.Equal(137, process.ExitCode);
        process.Dispose();
    }

    private static ProcessStartInfo Command() => new("bwrap", Sandbox) { RedirectStandardInput = true };

    private static void OnAThreadThatEnds(Action action)
    {
        var thread = new Thread(() =>
        {
            action();
            // Until the sandbox is up: before that it has not asked to die with anybody.
            Thread.Sleep(Patience);
        });
        thread.Start();
        thread.Join();
    }

    private static void SkipWithoutSandbox()
    {
        if (WorkerProtection.Detect(SandboxMode.Auto).Bubblewrap is null) Assert.Skip("bubblewrap does not work here.");
    }
}
