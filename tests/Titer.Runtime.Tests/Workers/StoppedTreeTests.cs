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

        var tree = StoppedTree.Stop(shell.Id);
        Assert.NotNull(tree);
        var stopped = ProcessorTime.Of(shell.Id);
        Thread.Sleep(300);
        Assert.Equal(stopped, ProcessorTime.Of(shell.Id));
        Assert.Equal(stopped, tree.ProcessorSeconds);

        tree.Continue();
        Wait.Until(() => ProcessorTime.Of(shell.Id) > stopped, "that it goes on");
        shell.Kill(entireProcessTree: true);
    }

    [Fact]
    public void Processes_that_wake_one_another_stand_still_all_the_same()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are stopped on Linux.");
        using var shell = Shell("sh -c 'while :; do kill -CONT 0; done' & sh -c 'while :; do kill -CONT 0; done' & while :; do kill -CONT 0; done",
            ownGroup: true);
        Wait.Until(() => ProcessTree.WithDescendants(shell.Id).Count >= 3 && ProcessorTime.Of(shell.Id) > 0.05, "a tree that computes");

        var tree = StoppedTree.Stop(shell.Id);

        Assert.NotNull(tree);
        Thread.Sleep(300);
        Assert.Equal(tree.ProcessorSeconds, ProcessorTime.Of(shell.Id));
        shell.Kill(entireProcessTree: true);
    }

    [Fact]
    public void A_tree_that_never_stops_growing_stands_still_with_all_that_it_grew()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are stopped on Linux.");
        using var shell = Shell("while :; do sh -c 'sleep 0.02; :' & sleep 0.01; done");
        Wait.Until(() => ProcessTree.WithDescendants(shell.Id).Count >= 3, "children that come and go");

        var tree = StoppedTree.Stop(shell.Id);

        Assert.NotNull(tree);
        var then = ProcessTree.WithDescendants(shell.Id).Order().ToArray();
        Thread.Sleep(300);
        Assert.Equal(then, ProcessTree.WithDescendants(shell.Id).Order());
        tree.Continue();
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

    /// <param name="ownGroup">Signals to its group reach nobody else.</param>
    private static Process Shell(string script, bool ownGroup = false) =>
        Process.Start(ownGroup ? new ProcessStartInfo("setsid", ["/bin/sh", "-c", script]) : new ProcessStartInfo("/bin/sh", ["-c", script]))!;
}
