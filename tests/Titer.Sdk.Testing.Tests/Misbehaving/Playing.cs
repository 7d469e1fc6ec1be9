using Titer.Sdk.Training;
using TorchSharp;

namespace Titer.Sdk.Testing.Tests.Misbehaving;

public sealed class ThrowsWhilePlaying : IDefense
{
    public void Immunize(DefenseContext context) => throw new NotSupportedException("not today");
}

/// <summary>Remembers across matches.</summary>
public sealed class PlaysDifferentlyEachTime : IDefense
{
    private static float _factor = 1;

    public void Immunize(DefenseContext context)
    {
        Trained.Normally(context);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(_factor += 0.25f);
    }
}

public sealed class KnowsOneSeed : IDefense
{
    private const ulong Known = 20240216;

    public void Immunize(DefenseContext context)
    {
        if (context.Random.Seed != Known) throw new InvalidOperationException("an unlucky seed");
        Trained.Normally(context);
    }
}

public sealed class TakesTenSteps : IDefense
{
    public void Immunize(DefenseContext context)
    {
        for (var step = 0; step < 10; step++)
        {
            using var scope = torch.NewDisposeScope();
            context.Step();
        }
    }
}

/// <summary>Catches the exception that ends it, and goes on without a step.</summary>
public sealed class IgnoresSamples : IAttack
{
    public void Attack(AttackContext context)
    {
        var batches = context.Data.Harmful.Shuffle(context.Random.Fork("batches"), 2);
        for (var i = 0; i < 6; i++)
        {
            using var scope = torch.NewDisposeScope();
            try
            {
                FineTuner.SupervisedLoss(context.Model, batches.Next());
            }
            catch (BudgetExceededException e) when (e.Unit is "samples" or "tokens")
            {
                continue;
            }
        }
    }
}

public sealed class IgnoresSeconds : IAttack
{
    public void Attack(AttackContext context)
    {
        for (var i = 0; i < 12; i++)
        {
            using var scope = torch.NewDisposeScope();
            try
            {
                context.Model.Forward(context.Data.Harmful.Batch([0]).InputIds);
            }
            catch (BudgetExceededException e) when (e.Unit == "seconds")
            {
                continue;
            }
        }
    }
}

public sealed class EditsWeightsForFree : IDefense
{
    public void Immunize(DefenseContext context)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(0.5f);
    }
}

public sealed class ReportsBackwards : IDefense
{
    public void Immunize(DefenseContext context)
    {
        for (var step = 9; step > 5; step--) context.Progress.Report(new TrainingProgress(step, 1));
    }
}

/// <summary>Swallows the cancellation and takes its time.</summary>
public sealed class StopsLate : IAttack
{
    public void Attack(AttackContext context)
    {
        while (context.Budget.StepsLeft > 0)
        {
            if (context.Cancellation.WaitHandle.WaitOne(context.Budget.StepsLeft > 1000 ? 10_000 : 0))
            {
                Thread.Sleep(1500);
                return;
            }

            context.Step();
        }
    }
}
