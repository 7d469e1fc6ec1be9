using System.Diagnostics;
using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>What a player computes is seen from outside, whoever of it computes, and while it is measured it computes nothing.</summary>
public sealed class StoppedTreeTests
{
    private const string Busy = "while :; do :; done";

    [Fact]
    public void A_stopped_tree_computes_nothing_until_it_goes_on()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are stopped on Linux.");
        using var shell = Shell($"trap '' TERM INT; ({Busy}) & setsid sh -c '{Busy}' & {Busy}");
        Wait.Until(() => ProcessTree.WithDescendants(shell.Id).Count >= 3 && ProcessorTime.Of(shell.Id) > 0.05, "a tree that computes");

        Assert.True(StoppedTree.Stop(shell.Id));
        var stopped = ProcessorTime.Of(shell.Id);
        Thread.Sleep(300);
        Assert.Equal(stopped, ProcessorTime.Of(shell.Id));

        StoppedTree.Continue(shell.Id);
        Wait.Until(() => ProcessorTime.Of(shell.Id) > stopped, "that it goes on");
        shell.Kill(entireProcessTree: true);
    }

    [Fact]
    public void Processor_time_of_children_that_have_ended_counts()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processor time is read on Linux.");
        using var shell = Shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; sleep 60; :");
        Wait.Until(() => ProcessTree.WithDescendants(shell.Id).Any(IsSleep), "a child that sleeps");

        Assert.True(ProcessorTime.Of(shell.Id) >= 0.05, "the loop is gone, its time is not");
        shell.Kill(entireProcessTree: true);
    }

    private static bool IsSleep(int process) => ProcessTree.ReadAll($"/proc/{process}/comm").StartsWith("sleep", StringComparison.Ordinal);

    private static Process Shell(string script) => Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]))!;
}
