namespace Titer.Sdk;

/// <summary>
/// Tries to restore harmful behavior in released weights within a training budget (Rosati et al. 2024, equation 1). Constructor rules as
/// for <see cref="IDefense"/>.
/// </summary>
public interface IAttack
{
    /// <summary>
    /// Trains <c>context.Model</c> in place and calls <see cref="AttackContext.Step"/> after every optimizer step: that is where the
    /// trajectory is measured. Called once, on a thread of its own. Running out of budget (<see cref="BudgetExceededException"/>) is a normal end.
    /// </summary>
    void Attack(AttackContext context);
}
