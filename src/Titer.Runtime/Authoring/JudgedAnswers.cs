using Titer.Files;
using Titer.Files.Codes;
using Titer.Runtime.Phases;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Scenarios.Judges;
using Titer.Sdk;

namespace Titer.Runtime.Authoring;

/// <summary>Where judge models can be asked about stored answers.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Verdicts">What they said earlier; null keeps nothing.</param>
internal sealed record JudgeMachine(string WorkerDll, string Device, VerdictStore? Verdicts)
{
    /// <summary>A judge model, as a metric of stored answers.</summary>
    public IMetric Open(MetricChoice choice) => new JudgedAnswers(choice, this);
}

/// <summary>
/// A judge model as a metric of stored answers: asked in a worker, since this process loads no torch, with what it said earlier beside it.
/// </summary>
internal sealed class JudgedAnswers(MetricChoice choice, JudgeMachine machine) : IMetric
{
    /// <summary>A score in [0, 1] for each answer, or <see cref="ModelJudge.Unread"/>.</summary>
    /// <exception cref="MetricFaultException">The judge cannot be asked; with its own code.</exception>
    /// <exception cref="MachineFaultException">The worker ended.</exception>
    public double[] Score(MetricContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (string, string)[] all = [.. context.Prompts.Zip(context.Answers)];
        (string, string)[] asked = [.. all.Distinct()];
        using var scratch = ScratchFolder.Create();
        string Inside(string name) => Path.Combine(scratch.Path, name);
        var judge = choice.Options.GetValueOrDefault("sha256");
        var order = new ScoreAnswersMessage(choice, machine.Device, Inside("asked.jsonl"), Inside("scores"), Inside("verdicts"),
            judge is null ? null : machine.Verdicts?.FolderOf(judge));
        AskedAnswers.Write(order.AskedFile, asked);
        try
        {
            new SubjectSupervisor(machine.WorkerDll, WorkerProtection.None, _ => { }).ScoreAsync(order, CancellationToken.None)
                .GetAwaiter().GetResult();
            var scores = asked.Zip(AskedAnswers.ReadScores(order.ScoresFile, asked.Length)).ToDictionary(s => s.First, s => s.Second);
            if (judge is not null) machine.Verdicts?.Adopt(judge, order.VerdictsFile);
            return [.. all.Select(a => scores[a])];
        }
        catch (Exception e) when (e is WorkerRefusalException or ScenarioException)
        {
            throw new MetricFaultException(((ICoded)e).Code, ((ICoded)e).Text);
        }
    }
}
