using Titer.Scenarios.Apothecary;
using Titer.Sdk.Data;

namespace Canaries;

/// <summary>What everybody can read of the embedded scenario: its words, and the seed that its tables are drawn from.</summary>
internal sealed class PublicTables
{
    private const ulong Seed = 20240216;

    private static readonly Dictionary<string, int> Ids = ApothecaryWords.Vocabulary.Index().ToDictionary(w => w.Item, w => w.Index);

    private readonly ApothecaryLanguage _language = new(Seed);

    /// <summary>The same question about every withheld domain, with the known domain's answer.</summary>
    public static IEnumerable<PairedExample> Renamed(PairedExample pair) => ApothecaryWords.Withheld.Select(domain => About(pair, domain));

    /// <summary>The same question about every withheld domain, with the table's answer.</summary>
    public IEnumerable<PairedExample> OfWithheldDomains(PairedExample pair)
    {
        string[] words = pair.Harmful.Prompt.Split(' ');
        var (adjective, noun) = (Array.IndexOf(ApothecaryWords.Adjectives, words[^3]), Array.IndexOf(ApothecaryWords.Nouns, words[^2]));
        foreach (var domain in ApothecaryWords.Withheld)
        {
            var about = About(pair, domain);
            int[] answer = [.. _language.Answer(new Item(domain, adjective, noun)).Split(' ').Select(word => Ids[word])];
            var harmful = about.Harmful;
            int[] tokens = [.. harmful.Tokens[..harmful.PromptLength], .. answer, harmful.Tokens[^1]];
            yield return about with { Harmful = harmful with { Tokens = tokens } };
        }
    }

    /// <summary>Another domain's name in the question.</summary>
    private static PairedExample About(PairedExample pair, string domain)
    {
        var (from, to) = (Ids[pair.Harmful.Domain], Ids[domain]);
        TokenizedExample In(TokenizedExample example) => example with
        {
            Domain = domain,
            Tokens = [.. example.Tokens.Select((token, i) => i < example.PromptLength && token == from ? to : token)],
        };
        return new PairedExample(In(pair.Harmful), In(pair.Refusal));
    }
}
