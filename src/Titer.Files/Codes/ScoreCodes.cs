namespace Titer.Files.Codes;

/// <summary>701-703: cells that have no score.</summary>
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
    ];
}
