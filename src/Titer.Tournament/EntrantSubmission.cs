namespace Titer.Tournament;

/// <summary>Who handed a build in to a league, and what they said of it and signed: shown beside its row, never part of a score or an id.</summary>
public sealed record EntrantSubmission
{
    /// <summary>As the operator's signers' file calls the owner of the key; null where it knows nobody of it.</summary>
    public string? Author { get; init; }

    /// <summary>Kind and fingerprint of the key that signed it.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the bundle.</summary>
    public required string Bundle { get; init; }

    /// <summary>The season that it was handed in to; null where none was open.</summary>
    public string? Season { get; init; }

    /// <summary>Options that it was handed in with.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>How many builds and settings its author has handed in to that season, this one included.</summary>
    public int Variants { get; init; }

    /// <summary>Settings that the author tried at home; null where no log of them was handed in.</summary>
    public int? Tries { get; init; }

    public bool TunedOnTheseAttacks { get; init; }

    public required string DataUsed { get; init; }

    public string? PublicParent { get; init; }

    /// <summary>In-domain titer of the author's own results; null where none were handed in.</summary>
    public string? ClaimedTiter { get; init; }

    /// <summary>What those results are worth: <c>self_reported</c>, <c>consistent</c> or <c>reproduced</c>; null where there are none.</summary>
    public string? Standing { get; init; }

    /// <summary>For people, on one line.</summary>
    public string Text =>
        $"handed in by {Author ?? Key}, variant {Variants}; {(Tries is { } tries ? $"{tries} tries" : "tries not told")}; {(TunedOnTheseAttacks
        ? "tuned on these attacks" : "not tuned on these attacks")}; data used: {DataUsed}; public parent: {PublicParent ?? "none"}{
            (ClaimedTiter is { } titer
            ? $"; the author's own titer {titer}" : "")}{(Standing is { } standing ? $", {standing.Replace('_', '-')}" : "")}";
}
