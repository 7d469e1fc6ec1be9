using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Sdk;
using Titer.Sdk.Models;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// An attack phase of a program in any language: it gets the defended model in a folder and leaves one checkpoint, or one for each point at which
/// it wants to be measured. Those are measured when it has ended, in the order of their steps: by the process that never ran it, as with every
/// stranger.
/// </summary>
internal sealed class ProgramAttackPhase(PhaseOrder order, ProgramOrder program, ScenarioSession session, IMeasurement measurement,
    IPhaseEvents events)
{
    /// <param name="model">The defended model; becomes what the program left.</param>
    public PhaseResult Play(CausalLanguageModel model)
    {
        if (ProgramRun.Changed(order.Phase, order.Phase.Attack!, program) is { } changed) return changed;
        var files = new ProgramFiles(Directory.CreateDirectory(Path.Combine(order.ScratchFolder, "program")).FullName);
        files.WriteAttack(order, session, model);
        if (measurement.Measure(model, 0, default)) return order.Phase.Done() with { Spent = new Spent(), Trajectory = measurement.End() };
        return ProgramRun.Of(order.Phase, program, files.TaskFile, events) ?? Measured(files, model);
    }

    private PhaseResult Measured(ProgramFiles files, CausalLanguageModel model)
    {
        try
        {
            if (Left(files, out var spent, out var points) is { } why) return why;
            foreach (var (step, folder) in points)
            {
                if (Take(folder, model) is { } none) return none;
                if (measurement.Measure(model, step, new Spending(step, Part(spent.Samples, step), Part(spent.Tokens, step), 0, 0))) break;
            }

            var steps = Math.Max(points[^1].Step, Math.Min(spent.Steps, order.Limits.Steps));
            return order.Phase.Done() with
            {
                Spent = new Spent { Steps = steps, Samples = spent.Samples, Tokens = spent.Tokens },
                Trajectory = measurement.End(),
            };

            // Declared for the whole: a point has its part.
            long Part(long whole, int step) => whole * step / Math.Max(points[^1].Step, 1);
        }
        catch (CheckpointException e)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, e.Code, ((ICoded)e).Text);
        }
    }

    /// <summary>Input from an enemy: whatever it is, the program's own failure.</summary>
    /// <returns>Why it is none.</returns>
    private PhaseResult? Left(ProgramFiles files, out ProgramSpent spent, out IReadOnlyList<(int Step, string Folder)> points)
    {
        (spent, points) = (new ProgramSpent(0), []);
        try
        {
            files.InspectAttack(order.SubjectFolder, order.Limits.Steps);
            spent = files.Spent(order.Limits);
            points = files.Points(order.Limits.Steps, spent.Steps);
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            return ProgramRun.NoModel(order.Phase, e);
        }
    }

    /// <summary>What the program left, in the place of the model.</summary>
    /// <returns>Why it is none.</returns>
    private PhaseResult? Take(string folder, CausalLanguageModel model)
    {
        try
        {
            var made = EnteredCheckpoint.In(folder);
            made.RequireSameShape(order.SubjectFolder);
            using var own = made.Open(session.Device, () => session.LoadSubject(order.WeightsFile));
            using var noGrad = TorchSharp.torch.no_grad();
            model.Arena.Flat.copy_(own.Arena.Flat);
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            return ProgramRun.NoModel(order.Phase, e);
        }
    }
}
