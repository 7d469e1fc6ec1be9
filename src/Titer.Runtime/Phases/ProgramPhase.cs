using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// A defend phase of a program in any language: it gets a folder and leaves a checkpoint in another. It runs inside this worker's walls, and its
/// seconds are those of the worker's watch; nothing is measured here.
/// </summary>
internal sealed class ProgramPhase(PhaseOrder order, ProgramOrder program, ScenarioSession session, IPhaseEvents events)
{
    public PhaseResult Play()
    {
        if (ProgramRun.Changed(order.Phase, order.Phase.Defense, program) is { } changed) return changed;
        var files = new ProgramFiles(Directory.CreateDirectory(Path.Combine(order.ScratchFolder, "program")).FullName);
        files.Write(order, session);
        return ProgramRun.Of(order.Phase, program, files.TaskFile, events) ?? Released(files);
    }

    private PhaseResult Released(ProgramFiles files)
    {
        CausalLanguageModel? model = null;
        try
        {
            if (Taken(files, out model) is var (spent, why) && why is not null) return why;
            CheckpointWriter.WriteWeights(model!, order.OutputWeightsFile!, session.Scenario.SubjectFolder);
            return order.Phase.Done() with { Spent = new Spent { Steps = spent!.Steps, Samples = spent.Samples, Tokens = spent.Tokens } };
        }
        catch (CheckpointException e)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, e.Code, ((ICoded)e).Text);
        }
        finally
        {
            model?.Dispose();
        }
    }

    /// <summary>Input from an enemy: whatever it is, the program's own failure.</summary>
    /// <exception cref="CheckpointException">It is no model of this subject.</exception>
    private (ProgramSpent? Spent, PhaseResult? Why) Taken(ProgramFiles files, out CausalLanguageModel? model)
    {
        model = null;
        try
        {
            files.Inspect(order.SubjectFolder);
            var spent = files.Spent(order.Limits);
            var made = EnteredCheckpoint.In(files.Output);
            made.RequireSameShape(order.SubjectFolder);
            model = made.Open(session.Device, () => session.LoadSubject());
            return (spent, null);
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            return (null, ProgramRun.NoModel(order.Phase, e));
        }
    }
}
