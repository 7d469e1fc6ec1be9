namespace Titer.Tournament;

/// <summary>Results that carry a phase's identity.</summary>
public static class PhaseResults
{
    extension(Phase phase)
    {
        /// <summary>A finished phase; the caller adds what it measured.</summary>
        public PhaseResult Done() => phase.With(PhaseStatus.Done, null, null);

        /// <summary>A phase that did not finish, with a stable code, the fact and the fix.</summary>
        public PhaseResult Failed(PhaseStatus status, string code, string reason) => phase.With(status, code, reason);

        private PhaseResult With(PhaseStatus status, string? code, string? reason) => new()
        {
            PhaseId = phase.Id,
            Kind = phase.Kind,
            Defense = phase.Defense.Label,
            Attack = phase.Attack?.Label,
            Exposure = phase.Exposure,
            Seed = phase.Seed,
            AttackSeed = phase.AttackSeed,
            Status = status,
            Code = code,
            Reason = reason,
        };
    }
}
