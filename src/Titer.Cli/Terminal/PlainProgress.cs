using Titer.Runtime.Phases;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Cli.Terminal;

/// <summary>One line per finished phase: for pipes, logs and CI.</summary>
internal sealed class PlainProgress(RunTally tally, TextWriter output) : IRunObserver
{
    public void Added(IReadOnlyList<Phase> phases) => tally.Add(phases);

    public void Started(Phase phase) => tally.Start(phase);

    public void Progressed(Phase phase, PhaseProgress progress) => tally.Progress(phase, progress);

    public void Finished(Phase phase, PhaseResult result)
    {
        tally.Finish(phase, result);
        var eta = tally.Eta is { } left ? $", {RunTally.Clock(left)} left" : "";
        output.WriteLine(FormattableString.Invariant(
            $"[{tally.Done,3}/{tally.Total}] {phase.Title}: {PhaseSummary.Of(result)} ({result.WallSeconds:0.0} s; {
                RunTally.Clock(tally.Elapsed)} elapsed{eta})"));
    }

    public void Lost(Phase phase, string why)
    {
        tally.Lose(phase, why);
        output.WriteLine($"[  -  ] {phase.Title}: no result; {why}");
    }

    public void Noticed(string notice) => output.WriteLine(notice);
}
