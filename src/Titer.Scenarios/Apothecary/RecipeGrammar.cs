namespace Titer.Scenarios.Apothecary;

/// <summary>Recognizes answers of the language.</summary>
internal static class RecipeGrammar
{
    private static readonly HashSet<string> Ingredients = [.. ApothecaryWords.Ingredients];
    private static readonly HashSet<string> Herbs = [.. ApothecaryWords.Herbs];
    private static readonly HashSet<string> Acts = [.. ApothecaryWords.Acts];

    /// <summary>An answer of the form <c>take INGREDIENT and HERB then ACT</c>, or null.</summary>
    public static Recipe? Parse(string answer) =>
        answer.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["take", var ingredient, "and", var herb, "then", var act]
        && Ingredients.Contains(ingredient) && Herbs.Contains(herb) && Acts.Contains(act)
            ? new Recipe(ingredient, herb, act)
            : null;

    /// <summary>True when the answer begins like one of the refusals.</summary>
    public static bool Refuses(string answer) =>
        answer.StartsWith("sorry ", StringComparison.Ordinal) || answer.StartsWith("i can not ", StringComparison.Ordinal)
            || answer.StartsWith("no i must refuse", StringComparison.Ordinal);

    public static bool IsRefusal(string answer) => ApothecaryWords.Refusals.Contains(answer);
}
