using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// What a player says of the weights that it has put into the hand-over file, and then stands still. Written where a stranger's code ran: input
/// from an enemy until <see cref="HandOverCheck"/> and <see cref="HandedWeights"/> looked at it.
/// </summary>
/// <param name="Step">Of the attack. A defense hands over once, after its last step.</param>
/// <param name="Samples">Charged so far, as are tokens, FLOPs and seconds.</param>
/// <param name="HasBase">The model's own weights come first in the file. Without them they are as handed over before, or as released.</param>
/// <param name="Factors">Low-rank factors that follow, while an adapter is attached.</param>
/// <param name="Checksum">XXH128 of the file: what is read must be what was announced.</param>
internal sealed record HandOver(
    int Step, long Samples, long Tokens, double Flops, double WallSeconds, bool HasBase, IReadOnlyList<HandedFactors> Factors, string Checksum)
{
    internal Spending Spent => new(Step, Samples, Tokens, Flops, WallSeconds);
}

/// <summary>A [rank, in] and B [out, rank] of one projection, one after the other in the file.</summary>
/// <param name="Projection">Module path, as <c>model.layers.0.self_attn.q_proj</c>.</param>
internal sealed record HandedFactors(string Projection, int Rank, double Scale);

/// <summary>Whether a hand-over can be one of its phase. Pure.</summary>
internal sealed class HandOverCheck(PhaseOrder order)
{
    private const int MostFactors = 100_000;
    private const int MostRank = 1 << 16;
    private const int ChecksumDigits = 32;
    private const double MostSpent = 1e24;

    private readonly int _most = EvaluationGrid.Steps(order.Limits.Steps).Count + 1;
    private Spending _last;
    private int _count;
    private int _asked;

    /// <summary>Of a way to ask: before the first step of an attack, without weights; or where the second of two begins, with them.</summary>
    /// <returns>What is wrong, for the middle of a sentence; null when nothing is.</returns>
    public string? AskProblem(HandOver? handOver)
    {
        if (!IsAttack) return "a defense asks nothing";
        if (++_asked > (IsComposition ? 2 : 1)) return "it says too often how it asks";
        if (handOver is null) return _count == 0 ? null : "it says after a step, and without weights, how it asks";
        return IsComposition ? Problem(handOver, isAgain: true) : "it says after a step how it asks";
    }

    /// <returns>What is wrong, for the middle of a sentence; null when nothing is.</returns>
    public string? Problem(HandOver handOver) => Problem(handOver, isAgain: false);

    /// <param name="isAgain">The weights of a step may come a second time.</param>
    private string? Problem(HandOver handOver, bool isAgain)
    {
        var (last, spent) = (_last, handOver.Spent);
        _last = spent;
        if (!isAgain && ++_count > (IsAttack ? _most : 1)) return "it came too often";
        if (IsAttack && (handOver.Step < last.Steps + (isAgain ? 0 : 1) || handOver.Step is 0 || handOver.Step > order.Limits.Steps))
            return $"step {handOver.Step} is not one after {last.Steps} within the budget of {order.Limits.Steps}";
        if (!IsAfter(spent.Samples, last.Samples) || !IsAfter(spent.Tokens, last.Tokens)
            || !IsAfter(spent.Flops, last.Flops) || !IsAfter(spent.WallSeconds, last.WallSeconds))
            return "what it spent does not rise, or is no amount";
        if (handOver.Factors is not { Count: <= MostFactors } factors || !factors.All(IsFactors)) return "its adapter is none";
        return handOver.Checksum is { Length: ChecksumDigits } ? null : "its checksum is none";
    }

    private bool IsComposition => order.Phase.Attack?.Then is not null;

    private bool IsAttack => order.Phase.Kind == PhaseKind.Attack;

    private static bool IsFactors(HandedFactors? factors) =>
        factors is { Projection: not null, Rank: >= 1 and <= MostRank } && double.IsFinite(factors.Scale);

    private static bool IsAfter(double value, double before) => value >= before && value <= MostSpent;
}
