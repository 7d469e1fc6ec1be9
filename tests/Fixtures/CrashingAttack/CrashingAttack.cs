using Titer.Sdk;
[assembly: TiterPlugin("crashing_attack", SdkApi.Level, Summary = "Ends the process of every match that it plays.")]

namespace CrashingAttack;

public sealed class CrashingAttack : IAttack
{
#pragma warning disable RS0030 // The misbehavior that this fixture exists for.
    public void Attack(AttackContext context)
    {
        Environment.FailFast("no match for me");
    }
#pragma warning restore RS0030
}
