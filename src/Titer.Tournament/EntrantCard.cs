namespace Titer.Tournament;

/// <summary>What a plugin's author says of it and its paper (its <c>fidelity.json</c>): shown beside the numbers, never part of them.</summary>
public sealed record EntrantCard
{
    public string Paper { get; init; } = "";

    public IReadOnlyList<string> Same { get; init; } = [];

    public IReadOnlyList<string> Differs { get; init; } = [];

    public string ReferenceCheck { get; init; } = "";

    /// <summary>Of a defense: the strongest attack in its own paper. Of an attack: the setting in which it was published.</summary>
    public string PublishedStrength { get; init; } = "";

    public IReadOnlyList<string> MadeAgainst { get; init; } = [];

    public IReadOnlyList<CardFigure> Published { get; init; } = [];

    public IReadOnlyList<CardFigure> Here { get; init; } = [];

    /// <summary><c>independent</c>, <c>author</c> or <c>none</c>.</summary>
    public string Evidence { get; init; } = "";

    public string Verdict { get; init; } = "";
}

/// <inheritdoc cref="EntrantCard"/>
/// <param name="What">What was measured, and on what.</param>
public sealed record CardFigure(string What, string Value, string Source);
