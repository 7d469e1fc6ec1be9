namespace Titer.Tournament;

/// <summary>
/// Whether a result is one of its phase: everything that the fold relies on is looked at here, once. A worker's answer and a stored file are
/// input from somebody else. Pure.
/// </summary>
public static class PhaseResultCheck
{
    private const string OtherPrompts = "its templates and prompts are not the scenario's";
    private const string OtherTrainability = "its trainability prompts are not the scenario's";
    private const int HashDigits = 64;
    private const int MostReasonCharacters = 20_000;
    private const int MostDiagnostics = 100;
    private const int MostNameCharacters = 2000;
    private const double MostSpent = 1e24;

    /// <param name="phase">The phase that it must be of.</param>
    /// <param name="mostSteps">Steps of the phase's budget; null where that is not known.</param>
    /// <param name="asked">What the scenario asks; null where that is not known.</param>
    /// <returns>What is wrong, for the middle of a sentence; null when nothing is.</returns>
    public static string? Problem(Phase phase, PhaseResult result, int? mostSteps = null, AskedPrompts? asked = null)
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(result);
        return IdentityProblem(phase, result) ?? StatusProblem(result) ?? SpentProblem(result) ?? EnvironmentProblem(result) ?? (result switch
        {
            { Status: not PhaseStatus.Done } =>
                result.Trajectory is not null || result.Assessment is not null ? "it has scores, and is not done" : null,
            { Kind: PhaseKind.Attack, Trajectory: { } trajectory, Assessment: null } =>
                TrajectoryProblem(trajectory, phase.Exposure, mostSteps, asked),
            { Kind: PhaseKind.Assess, Trajectory: null, Assessment: { } assessment } => AssessmentProblem(assessment, mostSteps, asked),
            { Kind: PhaseKind.Defend, Trajectory: null, Assessment: null } => null,
            _ => "it is done, and its scores are not those of its kind",
        });
    }

    /// <summary>Whether a result that is sound in itself speaks of what was asked; the rest is not looked at again.</summary>
    /// <inheritdoc cref="Problem"/>
    public static string? AskedProblem(Phase phase, PhaseResult result, AskedPrompts asked)
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(asked);
        return result switch
        {
            { Trajectory: { } t } when !asked.AreThese(t.Templates, t.HarmPrompts, t.UtilityPrompts, phase.Exposure, ofAttack: true) => OtherPrompts,
            { Assessment: { } a } when !asked.AreThese(a.Templates, a.HarmPrompts, a.UtilityPrompts, Exposure.None, ofAttack: false) => OtherPrompts,
            { Assessment: { } a } when !AskedPrompts.AreSame(a.TrainabilityPrompts, asked.Trainability) => OtherTrainability,
            _ => null,
        };
    }

    private static string? IdentityProblem(Phase phase, PhaseResult result) =>
        result.Version is < 1 or > PhaseResult.CurrentVersion ? $"version {result.Version} is not known"
        : result.PhaseId != phase.Id ? "it is of another phase"
        : result.Kind != phase.Kind || result.Seed != phase.Seed || result.AttackSeed != phase.AttackSeed || result.Exposure != phase.Exposure
            ? "its kind, exposure or seed is not the phase's"
        : null;

    private static string? StatusProblem(PhaseResult result) =>
        !Enum.IsDefined(result.Status) ? "its status is none"
        : (result.Status == PhaseStatus.Done) != (result.Code is null) || (result.Code is null) != (result.Reason is null)
            ? "status, code and reason do not go together"
        : result.Code is { } code && !IsCode(code) ? "its code is none"
        : result.Reason?.Length > MostReasonCharacters || result.Trace?.Length > MostReasonCharacters ? "its reason is too long"
        : !IsHash(result.WeightsHash) || !IsHash(result.SamplesHash) ? "a hash is none"
        : null;

    private static string? SpentProblem(PhaseResult result)
    {
        if (result.Spent is not { } spent) return "what it spent is missing";
        return AreAmounts(spent.Steps, spent.Samples, spent.Tokens, spent.Flops, spent.WallSeconds, result.WallSeconds,
            result.PeakMemoryMegabytes, result.ProcessorSeconds ?? 0) ? null : "a figure of what it spent is negative or not finite";
    }

    private static string? EnvironmentProblem(PhaseResult result) =>
        !IsName(result.Defense) || (result.Attack is not null && !IsName(result.Attack)) ? "its plugins have no names"
        : result.Environment is { } e
            && !(IsName(e.Runtime) && IsName(e.Libraries) && IsName(e.OperatingSystem) && IsName(e.Device) && IsName(e.Walls ?? "none"))
            ? "what it was played on is not said in words"
        : null;

    private static string? TrajectoryProblem(Trajectory trajectory, Exposure exposure, int? mostSteps, AskedPrompts? asked)
    {
        if (AskedProblem(trajectory.Templates, trajectory.HarmPrompts, trajectory.UtilityPrompts, exposure, asked,
            ofAttack: true) is { } problem) return problem;
        if (trajectory.Checkpoints is PackedPoints packed && AreSound(packed, trajectory, mostSteps)) return null;
        if (trajectory.Checkpoints is not { Count: > 0 } points || points.Any(p => p is null)) return "it has no points";
        if (!Rise(points.Select(p => p.Step), mostSteps)) return "its steps do not rise from 0 within the budget";
        foreach (var point in points)
        {
            if (!AreScores(point.Harm, trajectory.Templates.Count, trajectory.HarmPrompts.Count)
                || (point.HarmCoherence is not null && !AreScores(point.HarmCoherence, trajectory.Templates.Count, trajectory.HarmPrompts.Count))
                || point.HarmUnread < 0 || point.HarmUnread > trajectory.Templates.Count * trajectory.HarmPrompts.Count
                || !AreScores(point.Utility, trajectory.UtilityPrompts.Count) || !IsScore(point.Coherence))
                return $"its scores at step {point.Step} are not one number in [0, 1] for each prompt";
            if (!AreAmounts(point.Samples, point.Tokens, point.Flops, point.DeviceSeconds))
                return $"a figure of step {point.Step} is negative or not finite";
        }

        return null;
    }

    /// <summary>The same of all points at once; what is wrong, if anything, is looked for point by point.</summary>
    private static bool AreSound(PackedPoints points, Trajectory trajectory, int? mostSteps)
    {
        if (!Rise(points.Figures.Select(p => p.Step), mostSteps)) return false;
        var answers = points.Templates * points.HarmPrompts;
        foreach (var p in points.Figures)
        {
            if (p.HarmUnread < 0 || p.HarmUnread > answers || !IsScore(p.Coherence)
                || !AreAmounts(p.Samples, p.Tokens, p.Flops, p.DeviceSeconds)) return false;
        }

        return points.Templates == trajectory.Templates.Count && points.HarmPrompts == trajectory.HarmPrompts.Count
            && points.UtilityPrompts == trajectory.UtilityPrompts.Count && Array.TrueForAll(points.Harm.Values, IsScore)
            && Array.TrueForAll(points.HarmCoherence?.Values ?? [], IsScore) && Array.TrueForAll(points.Utility.Values, IsScore);
    }

    private static string? AssessmentProblem(Assessment assessment, int? mostSteps, AskedPrompts? asked)
    {
        if (AskedProblem(assessment.Templates, assessment.HarmPrompts, assessment.UtilityPrompts, Exposure.None, asked,
            ofAttack: false) is { } problem) return problem;
        if (!AreScores(assessment.Harm, assessment.Templates.Count, assessment.HarmPrompts.Count)
            || (assessment.HarmCoherence is not null
                && !AreScores(assessment.HarmCoherence, assessment.Templates.Count, assessment.HarmPrompts.Count))
            || assessment.HarmUnread < 0 || assessment.HarmUnread > assessment.Templates.Count * assessment.HarmPrompts.Count
            || !AreScores(assessment.Utility, assessment.UtilityPrompts.Count) || !IsScore(assessment.Coherence))
            return "its scores are not one number in [0, 1] for each prompt";
        if (assessment.Diagnostics is not { Count: <= MostDiagnostics }
            || !assessment.Diagnostics.Keys.All(IsName))
            return "its diagnostics are missing, too many or have no names";
        if (assessment.Evaluations is { } own
            && (own.Count > MostDiagnostics || !own.All(e => IsName(e.Key) && e.Value is { Count: > 0 } && AreScores(e.Value, e.Value.Count))))
            return "the scores of its evaluations are not one number in [0, 1] for each question";
        if (assessment.ReferencePerplexity < 0) return "its perplexity is negative";
        if (assessment.TrainabilityPrompts is null || assessment.Trainability is null
            || assessment.Trainability.Any(p => p is null))
            return "its trainability is missing";
        if (asked is not null
            && !AskedPrompts.AreSame(assessment.TrainabilityPrompts, asked.Trainability))
            return OtherTrainability;
        if (assessment.Trainability.Count == 0
            || !Rise(assessment.Trainability.Select(p => p.Step),
            mostSteps))
            return "the steps of its trainability do not rise from 0 within the budget";
        if (assessment.TrainabilityTasks is { } tasks
            && (!tasks.All(t => t is { Prompts: > 0, LearningRate: > 0 and <= 1 } && IsName(t.Name))
                || tasks.Sum(t => (long)t.Prompts) != assessment.TrainabilityPrompts.Count))
            return "the tasks of its trainability are not those of its prompts";
        return assessment.Trainability.All(p => AreScores(p.Utility, assessment.TrainabilityPrompts.Count)) ? null
            : "its trainability is not one number in [0, 1] for each prompt";
    }

    private static string? AskedProblem(IReadOnlyList<string>? templates, IReadOnlyList<string>? harm, IReadOnlyList<string>? utility,
        Exposure exposure, AskedPrompts? asked, bool ofAttack)
    {
        if (templates is not { Count: > 0 } || harm is not { Count: > 0 } || utility is not { Count: > 0 })
            return "it names no templates or no prompts";
        if (!HaveLengths(templates) || !HaveLengths(harm) || !HaveLengths(utility))
            return "a template or prompt has no name, or one without end";
        return asked is null || asked.AreThese(templates, harm, utility, exposure, ofAttack) ? null : OtherPrompts;
    }

    private static bool Rise(IEnumerable<int> steps, int? most)
    {
        var last = -1;
        foreach (var step in steps)
        {
            if (last < 0 ? step != 0 : step <= last || step > (most ?? int.MaxValue)) return false;
            last = step;
        }

        return true;
    }

    private static bool AreScores(IReadOnlyList<IReadOnlyList<double>>? scores, int rows, int columns) =>
        scores?.Count == rows && (scores is ScoreTable table ? AreScores(table.Scores, rows * columns) : scores.All(row => AreScores(row, columns)));

    private static bool AreScores(IReadOnlyList<double>? scores, int count) =>
        scores?.Count == count && (scores is ScoreRow row ? row.All(IsScore) : scores.All(IsScore));

    private static bool IsScore(double value) => value is >= 0 and <= 1;

    private static bool AreAmounts(params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (value is not (>= 0 and <= MostSpent)) return false;
        }

        return true;
    }

    private static bool HaveLengths(IReadOnlyList<string?> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] is not { Length: <= MostNameCharacters }) return false;
        }

        return true;
    }

    /// <summary>Of a length that people read, and without characters that a terminal obeys.</summary>
    private static bool IsName(string? name) => IsName(name, MostNameCharacters);

    /// <summary>A text on one line that can be told from none.</summary>
    internal static bool IsName(string? name, int mostCharacters) => name?.Length > 0 && name.Length <= mostCharacters && !name.Any(char.IsControl);

    private static bool IsHash(string? hash) => hash is null || (hash.Length == HashDigits && hash.All(char.IsAsciiHexDigitLower));

    /// <summary>Whether a text is <c>TITER</c> and three digits.</summary>
    public static bool IsCode(string? code) => code?.Length == 8 && code.StartsWith("TITER", StringComparison.Ordinal)
        && code.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0;
}
