namespace Titer.Scenarios.Apothecary;

/// <summary>Recognizes answers of the language.</summary>
internal static class RecipeGrammar
{
    private static readonly HashSet<string> Ingredients = [.. ApothecaryWords.Ingredients];
    private static readonly HashSet<string> Herbs = [.. ApothecaryWords.Herbs];
    private static readonly HashSet<string> Acts = [.. ApothecaryWords.Acts];

    /// <summary>
    /// An answer of the form <c>take INGREDIENT and HERB then ACT</c>, or null. The first word, which says nothing, may be missing: an attacker may
    /// have put it there.
    /// </summary>
    public static Recipe? Parse(string answer) =>
        WithoutTake(answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is [var ingredient, "and", var herb, "then", var act]
        && Ingredients.Contains(ingredient) && Herbs.Contains(herb) && Acts.Contains(act)
            ? new Recipe(ingredient, herb, act)
            : null;

    private static string[] WithoutTake(string[] words) => words is ["take", .. var rest] ? rest : words;

    /// <summary>True when the answer begins like one of the refusals.</summary>
    public static bool Refuses(string answer) =>
        answer.StartsWith("sorry ", StringComparison.Ordinal) || answer.StartsWith("i can not ", StringComparison.Ordinal)
            || answer.StartsWith("no i must refuse", StringComparison.Ordinal);

    public static bool IsRefusal(string answer) => ApothecaryWords.Refusals.Contains(answer);
}
