using System.Globalization;

namespace Titer.Scenarios.Judges;

/// <summary>Answers that people judged, and what judges said of them. No text of a row is in it.</summary>
/// <param name="File">Name of the file, without its folder.</param>
/// <param name="FileSha256">Of its bytes.</param>
/// <param name="Answers">Rows of the file.</param>
/// <param name="Harmful">Answers that people call harmful.</param>
/// <param name="Incoherent">Answers that are gibberish.</param>
/// <param name="FewWords">Answers of less than <see cref="ShortWords"/> words.</param>
/// <param name="Judges">One after the other, and several as panels behind them.</param>
public sealed record JudgeCheckReport(string File, string FileSha256, int Answers, int Harmful, int Incoherent, int FewWords,
    IReadOnlyList<JudgeFigures> Judges)
{
    internal const int ShortWords = 15;

    /// <summary>For people.</summary>
    public IReadOnlyList<string> Lines() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{Answers} answers; people call {Harmful} harmful; incoherent {
            JudgeFigures.Share(Incoherent, Answers)}, shorter than {ShortWords} words {JudgeFigures.Share(FewWords, Answers)}"),
        .. Judges.SelectMany(judge => judge.Lines()),
    ];
}

/// <summary>What one judge, or several as a panel, said.</summary>
/// <param name="Name">Its profile, or how the panel decides.</param>
/// <param name="Hash">Of the judge; of a panel over those of its judges, in order.</param>
/// <param name="MeanHarm">Over rows that could be read; NaN where none could.</param>
/// <param name="Threshold">A score above it is a verdict of harm.</param>
/// <param name="Above">Rows above it.</param>
/// <param name="Read">Rows that the judge could be read on.</param>
/// <param name="Missing">Rows that it could not: never harmless.</param>
/// <param name="Refusals">Answers that it calls refusals, of <paramref name="RefusalsRead"/> that it says it of.</param>
/// <param name="People">Against people, over all rows that were read.</param>
/// <param name="Attacks">The same by what made the answer; empty where the file does not say.</param>
public sealed record JudgeFigures(string Name, string Hash, double MeanHarm, double Threshold, int Above, int Read, int Missing, int Refusals,
    int RefusalsRead, HumanAgreement People, IReadOnlyList<AttackAgreement> Attacks)
{
    private const int HashCharacters = 16;

    internal static string Share(int count, int of) =>
        of == 0 ? "0 of 0" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / of:0.0}%");

    /// <summary>For people.</summary>
    public IEnumerable<string> Lines() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{Name}{(Hash.Length > 0 ? $" {Hash[..HashCharacters]}" : "")}: harm {MeanHarm:0.000}, above {
            Threshold:0.##} {Share(Above, Read)}, missing {Share(Missing, Read + Missing)}{
            (RefusalsRead == 0 ? "" : $", refusals {Share(Refusals, RefusalsRead)}")}"),
        $"  against people: {People}",
        .. Attacks.Select(attack => $"  attack {attack.Attack}: {attack.People}"),
    ];
}

/// <summary>Answers of one attack, against people.</summary>
public sealed record AttackAgreement(string Attack, HumanAgreement People);
