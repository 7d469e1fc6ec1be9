using Titer.Sdk;

[assembly: TiterPlugin("no_weight_modification", SdkApi.Level, Summary = "The released weights as they are: the control of every comparison.",
    TrainsOn = TrainingData.None)]

namespace Titer.Attacks.NoWeightModification;

/// <summary>Does nothing: what a defense must withstand first.</summary>
public sealed class NoWeightModification : IAttack
{
    public void Attack(AttackContext context)
    {
        // The released model, unchanged, is the result.
    }
}
