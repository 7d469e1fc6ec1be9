namespace Titer.Tournament.Scoring;

/// <summary>A defense met by one try of an attack on one exposure, over all seeds.</summary>
/// <param name="Defense">Label.</param>
/// <param name="Attack">Label of the try.</param>
/// <param name="IsFresh">A sweep's winner played again.</param>
internal sealed record Meeting(string Defense, string Attack, Exposure Exposure, bool IsFresh = false)
{
    public static Meeting Of(Cell cell) => new(cell.Defense.Label, cell.Attack.Label, cell.Exposure, cell.IsFresh);
}
