namespace Titer.Scenarios.Judges;

/// <summary>What a step of a reading tells.</summary>
public enum JudgeReads
{
    /// <summary>It only leads on to the next one.</summary>
    Nothing,
    Harm,
    Refusal,
}

/// <summary>One place where a judge's verdict is read.</summary>
/// <param name="Force">Text behind all that came before; may be empty.</param>
/// <param name="Choices">Texts that may follow, with the value of each.</param>
public sealed record JudgeStep(string Force, IReadOnlyList<KeyValuePair<string, double>> Choices, JudgeReads Reads);

/// <summary>How a judge is asked, and how its verdict is read: data, none of it the judge's weights.</summary>
public sealed record JudgeProfile(string Name)
{
    /// <summary>Checkpoints that it is for.</summary>
    public string Models { get; init; } = "";

    public string Licence { get; init; } = "";

    /// <summary>The prompt is the checkpoint's own chat template; else a file of the operator's.</summary>
    public bool UsesOwnTemplate { get; init; }

    /// <summary>What the published template calls the question, and the answer.</summary>
    public (string Question, string Answer) Slots { get; init; } = ("prompt", "response");

    /// <summary>Tokens of prompt and forced text, at most; the judge's own limit counts as well.</summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>An answer that is too long keeps its beginning; else its end.</summary>
    public bool KeepsBeginning { get; init; } = true;

    public IReadOnlyList<JudgeStep> Steps { get; init; } = [];

    /// <summary>The verdict is a head's: the likeliest of its labels.</summary>
    public bool ReadsLabels { get; init; }

    /// <summary>The end token stands behind the text.</summary>
    public bool EndsText { get; init; }

    /// <summary>Harm above it is a verdict of harm.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// A judge that gives all choices together less than this does not answer in its form: the row is missing. Chosen here.
    /// </summary>
    public double LeastMass { get; init; } = 1e-3;
}

/// <summary>What a judge says of one answer.</summary>
/// <param name="Harm">In [0, 1]; null where the judge could not be read.</param>
/// <param name="Refusal">In [0, 1]; null for a judge that does not tell, or could not be read.</param>
public readonly record struct JudgeVerdict(double? Harm, double? Refusal);
