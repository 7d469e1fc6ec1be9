namespace Titer.Files.Codes;

/// <summary>260-269, 432-459, 570-599 and 630-639: real subjects, and what enters without a plugin.</summary>
internal static class SubjectCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER260", ["Titer.Runtime/Phases"],
            "A checkpoint that entered changed after the tournament was planned.",
            "Something wrote into its folder while the tournament ran.",
            "Start the tournament again: the new files become an entrant of their own."),
        new("TITER432", ["Titer.Models/Checkpoints"],
            "A checkpoint that entered is no model of the scenario's subject.",
            "A tensor is missing, foreign or of another shape, or its config.json asks for another function of them.",
            "Enter a checkpoint that was made from the subject; it may differ in values only."),
        new("TITER570", ["Titer.Scenarios/Data/Presets"],
            "A row is not as the preset's published rows are.",
            "The file is of another set or another release: a column is missing, or has something else.",
            "Name the file that the preset is of, or declare the file's own form without a preset."),
        new("TITER571", ["Titer.Scenarios/Data"],
            "A preset is not known, or is not completely or doubly declared.",
            "A typing error; no path; the form of the rows declared beside it; or a set that has no rule of its parts.",
            "See 'titer data list' for names, and name the file under 'path'."),
        new("TITER572", ["Titer.Scenarios/Data/Presets"],
            "A preset has no rows for that part.",
            "A benign set was named for a harmful part, or the other way round.",
            "Take another set for the part."),
        new("TITER573", ["Titer.Scenarios"],
            "A data file that was asked about has no rows.",
            "It is empty, or was cut off.",
            "Restore it."),
        new("TITER630", ["Titer.Runtime/Configuration"],
            "The folder of a checkpoint that shall enter is not there.",
            "The path is wrong; it is relative to the tournament file.",
            "Correct the path under 'checkpoint'."),
        new("TITER631", ["Titer.Runtime/Configuration"],
            "A checkpoint cannot enter under that name, or on that side.",
            "Its label is empty, too long, has other characters than a name has, or is a plugin's; or it stands under attacks.",
            "Give it a label of its own, under 'defenses'."),
        new("TITER632", ["Titer.Runtime/Configuration/Protocols"],
            "There is no protocol of that name.",
            "A typing error.",
            "'titer protocol' lists those that there are."),
    ];
}
