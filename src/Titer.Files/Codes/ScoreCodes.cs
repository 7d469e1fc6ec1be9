namespace Titer.Files.Codes;

/// <summary>701-705: cells that have no score, columns that count for nobody, and copies.</summary>
internal static class ScoreCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER701", ["Titer.Tournament/Scoring"],
            "A finished phase has no trajectory.",
            "Its file was changed by hand.",
            "Delete its file under phases/ to play it again."),
        new("TITER702", ["Titer.Tournament/Scoring"],
            "The defense did nothing.",
            "The defended weights are the undefended ones, bit for bit.",
            "Check its options and its learning rate."),
        new("TITER703", ["Titer.Tournament/Scoring"],
            "A run was stopped at a breach that this threshold does not call one.",
            "It was played with early stopping, and is scored with a higher harm threshold.",
            "Play it with --full."),
        new("TITER704", ["Titer.Tournament/Scoring"],
            "A stranger's attack counts for no defense.",
            "It failed, ruined its model for nothing or ran out of seconds on some defense, and an attacker that did not meet all of them "
                + "decides for none.",
            "Mend the attack, and play it again with 'titer run --retry'."),
        new("TITER705", ["Titer.Tournament/Scoring"],
            "Several defenses released the same weights, bit for bit.",
            "One is a copy of another, or they are the same method with options that do nothing.",
            "Keep one of them."),
    ];
}
