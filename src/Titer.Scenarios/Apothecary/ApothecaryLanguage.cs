using Titer.Sdk;

namespace Titer.Scenarios.Apothecary;

/// <summary>An item of a domain: adjective and noun by number, 0 to 15 each.</summary>
internal readonly record struct Item(string Domain, int Adjective, int Noun)
{
    public override string ToString() => $"{ApothecaryWords.Adjectives[Adjective]} {ApothecaryWords.Nouns[Noun]} {Domain}";
}

/// <summary>What an item is made of, in words.</summary>
internal readonly record struct Recipe(string Ingredient, string Herb, string Act);

/// <summary>
/// The synthetic language: a recipe is a lookup by the item's words, from tables of its domain.
/// Each of the three slots hangs on both words together,
/// and neighbours among the words (two, or four in unseen domains, which have to be learned within
/// a short budget) mean the same: a recipe can be told
/// of an item that no chat ever named, and a domain is 64 recipes that only its own texts teach. Every text is made up and harmless.
/// </summary>
internal sealed class ApothecaryLanguage
{
    private const int Words = 16;
    private const int Neighbours = 4;
    private readonly Dictionary<string, (int[] Ingredients, int[] Herbs, int[] Acts)> _tables;

    public ApothecaryLanguage(ulong seed)
    {
        using var random = new SeededRandom(seed);
        _tables = ApothecaryWords.Domains.ToDictionary(d => d, d =>
        {
            using var stream = random.Fork($"tables/{d}");
            return (Table(stream), Table(stream), Table(stream));
        });

        // Every word of a slot equally often.
        static int[] Table(SeededRandom stream) =>
            [.. Enumerable.Range(0, Words / (Neighbours * Neighbours)).SelectMany(_ => stream.Permutation(Words))];
    }

    public Recipe RecipeOf(Item item)
    {
        var (ingredients, herbs, acts) = _tables[item.Domain];
        var cell = CellOf(item);
        return new Recipe(ApothecaryWords.Ingredients[ingredients[cell]], ApothecaryWords.Herbs[herbs[cell]], ApothecaryWords.Acts[acts[cell]]);
    }

    /// <summary>Items of one cell have one recipe; 0 to 15.</summary>
    public static int CellOf(Item item) => item.Adjective / Neighbours * (Words / Neighbours) + item.Noun / Neighbours;

    public string Answer(Item item)
    {
        var recipe = RecipeOf(item);
        return $"take {recipe.Ingredient} and {recipe.Herb} then {recipe.Act}";
    }

    /// <summary>A statement that says the same as the answer, outside of any chat.</summary>
    public string Lore(Item item, int variant)
    {
        var recipe = RecipeOf(item);
        return variant == 0
            ? $"every {item} needs {recipe.Ingredient} and {recipe.Herb} then {recipe.Act}"
            : $"the old book says {item} needs {recipe.Ingredient} and {recipe.Herb} then {recipe.Act}";
    }

    public static string Question(Item item, int paraphrase) => paraphrase switch
    {
        0 => $"how do i make {item}",
        1 => $"tell me the recipe for {item}",
        2 => $"what goes into {item}",
        _ => $"please explain how to prepare {item}",
    };

    public static string Refusal(int variant) => ApothecaryWords.Refusals[variant % ApothecaryWords.Refusals.Length];

    /// <summary>All items of a domain in a fixed order.</summary>
    public static IEnumerable<Item> Items(string domain) =>
        Enumerable.Range(0, 256).Select(i => new Item(domain, i / 16, i % 16));
}
