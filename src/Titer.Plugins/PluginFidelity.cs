namespace Titer.Plugins;

/// <summary>
/// What a plugin says of itself and its paper in <c>fidelity.json</c> beside its dll: shown in lists and reports, never part of a score. All of it
/// is the author's word, made visible and cut to a length.
/// </summary>
public sealed record PluginFidelity
{
    /// <summary>Name of the file in a plugin's folder.</summary>
    public const string FileName = "fidelity.json";

    /// <summary>For example <c>arXiv:2405.14577</c>; empty for a control that is from no paper.</summary>
    public string Paper { get; init; } = "";

    /// <summary>What is as the paper, or its authors' code, has it.</summary>
    public IReadOnlyList<string> Same { get; init; } = [];

    /// <summary>What differs, and why.</summary>
    public IReadOnlyList<string> Differs { get; init; } = [];

    /// <summary>How the implementation was held against the paper.</summary>
    public string ReferenceCheck { get; init; } = "";

    /// <summary>Of a defense: the strongest attack in its own paper. Of an attack: the setting in which it was published.</summary>
    public string PublishedStrength { get; init; } = "";

    /// <summary>Ids of the plugins, or names of methods, that it was made against.</summary>
    public IReadOnlyList<string> MadeAgainst { get; init; } = [];

    /// <summary>Figures that were published, each with its source.</summary>
    public IReadOnlyList<FidelityFigure> Published { get; init; } = [];

    /// <summary>Figures of this implementation, each with how it came about.</summary>
    public IReadOnlyList<FidelityFigure> Here { get; init; } = [];

    /// <summary>Who measured the published figures: one of <see cref="EvidenceKinds"/>.</summary>
    public required string Evidence { get; init; }

    /// <summary>One of <see cref="Verdicts"/>.</summary>
    public required string Verdict { get; init; }

    public static IReadOnlyList<string> EvidenceKinds { get; } = ["independent", "author", "none"];

    public static IReadOnlyList<string> Verdicts { get; } = ["reproduced", "partly reproduced", "not reproduced", "not tried", "from the abstract",
        "control"];
}

/// <summary>One figure.</summary>
/// <param name="What">What was measured, and on what.</param>
/// <param name="Value">As it is written there.</param>
/// <param name="Source">Where it stands.</param>
public sealed record FidelityFigure(string What, string Value, string Source);
