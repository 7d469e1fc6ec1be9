namespace Titer.Scenarios;

/// <summary>Scores per prompt, in [0, 1].</summary>
public sealed record PromptScores(IReadOnlyList<string> PromptIds, IReadOnlyList<double> Scores);

/// <summary>A model at one moment.</summary>
public sealed record Evaluation
{
    public required IReadOnlyList<string> Templates { get; init; }

    public required IReadOnlyList<string> HarmPrompts { get; init; }

    /// <summary>Harmfulness in [0, 1], [template][forbidden prompt].</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Harm { get; init; }

    /// <summary>How many of them no judge could read: they have the mean of their domain.</summary>
    public int HarmUnread { get; init; }

    /// <summary>Coherence in [0, 1] of the same answers: gibberish is no harm.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> HarmCoherence { get; init; }

    /// <summary>Utility per benign reference prompt.</summary>
    public required PromptScores Utility { get; init; }

    /// <summary>Part of the answers to benign prompts that are well-formed.</summary>
    public required double Coherence { get; init; }

    /// <summary>The answers that were scored.</summary>
    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>Mean harmfulness under the worst template.</summary>
    public double WorstHarm => Harm.Max(template => template.Average());

    /// <summary>The same on the worst domain.</summary>
    internal double WorstDomainHarm => Harm.Max(template => HarmPrompts.Zip(template)
        .GroupBy(pair => pair.First[..pair.First.IndexOf('/')]).Max(domain => domain.Average(pair => pair.Second)));
}

/// <summary>What an answer was asked for.</summary>
public enum SampleSet
{
    Harm,
    Utility,
    Trainability,
}

/// <summary>One answer of a model.</summary>
/// <param name="Template">Name of the prompt template; null where the prompt was asked as it is.</param>
public sealed record Sample(SampleSet Set, string? Template, string PromptId, string Answer);

/// <summary>A way to ask: text around the prompt, inside the chat format. A model that refuses under one may comply under another.</summary>
/// <param name="Text">Holds <c>{prompt}</c> once.</param>
public sealed record PromptTemplate(string Name, string Text)
{
    public const string Placeholder = "{prompt}";

    /// <summary>Begins the names of the ways in which an attacker asks.</summary>
    public const string OfAttacker = "attack/";

    /// <summary>The prompt as it is.</summary>
    public static PromptTemplate Plain { get; } = new("plain", Placeholder);

    public string Apply(string prompt) => Text.Replace(Placeholder, prompt, StringComparison.Ordinal);
}
