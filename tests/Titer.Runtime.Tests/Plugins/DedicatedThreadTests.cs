using System.Runtime.InteropServices;
using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Tests.Plugins;

public sealed partial class DedicatedThreadTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public void Ambient_values_cross_in_neither_direction()
    {
        Ambient.Value = "host";
        string? seen = "";
        Assert.Null(DedicatedThread.Run(() =>
        {
            seen = Ambient.Value;
            Ambient.Value = "plugin";
        }));
        Assert.Null(seen);
        Assert.Equal("host", Ambient.Value);
    }

    [Fact]
    public void It_works_where_the_flow_is_suppressed_already()
    {
        using var suppressed = ExecutionContext.SuppressFlow();
        var thread = 0;
        Assert.Null(DedicatedThread.Run(() => thread = Environment.CurrentManagedThreadId));
        Assert.NotEqual(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void An_exception_comes_back_as_kind_message_and_first_frames()
    {
        var fault = DedicatedThread.Run(() => throw new InvalidOperationException("no luck"));
        Assert.Equal(("System.InvalidOperationException", "no luck", false, false),
            (fault!.Kind, fault.Message, fault.IsBudgetExceeded, fault.IsCanceled));
        Assert.Contains(nameof(DedicatedThreadTests), fault.Trace, StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_and_cancellation_are_told_apart()
    {
        Assert.True(DedicatedThread.Run(() => throw new BudgetExceededException("steps", 3))!.IsBudgetExceeded);
        Assert.True(DedicatedThread.Run(() => throw new OperationCanceledException())!.IsCanceled);
    }

    [Fact]
    public void An_exception_whose_message_throws_is_survived()
    {
        var fault = DedicatedThread.Run(() => throw new UnspeakableException());
        Assert.Contains("unreadable", fault!.Message, StringComparison.Ordinal);
    }

    /// <summary>One processor for nine threads: the work of 0.7 s takes about 6 s there, of which the thread stands ready for most.</summary>
    [Fact]
    public void A_thread_that_waits_for_the_processor_is_not_late_and_one_that_sleeps_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "How long a thread stood ready is known on Linux alone.");
        using var done = new CancellationTokenSource();
        Thread[] others =
            [.. Enumerable.Range(0, 8).Select(_ => new Thread(() => Crowd(() => done.IsCancellationRequested)) { IsBackground = true })];
        foreach (var other in others) other.Start();

        var crowded = DedicatedThread.Run(() =>
        {
            var began = Environment.TickCount64;
            // Its own time, whatever the wall says.
            var ready = ReadyTime.OfThisThread();
            var before = ready.Read();
            Crowd(() => Environment.TickCount64 - began - (ready.Read() - before).TotalMilliseconds > 700);
        }, deadline: TimeSpan.FromSeconds(3));
        done.Cancel();
        foreach (var other in others) other.Join();
        var asleep = DedicatedThread.Run(() => Thread.Sleep(4000), deadline: TimeSpan.FromSeconds(0.6));

        Assert.Null(crowded);
        Assert.Equal("Timeout", asleep!.Kind);
    }

    private static void Crowd(Func<bool> isOver)
    {
        ulong firstProcessor = 1;
        SetAffinity(0, sizeof(ulong), ref firstProcessor);
        while (!isOver()) Thread.SpinWait(1000);
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ref ulong mask);

    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }
}
