using Titer.Plugins;
using Titer.Sdk;

namespace Titer.Runtime.Tests.Plugins;

public sealed class DedicatedThreadTests
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

    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }
}
