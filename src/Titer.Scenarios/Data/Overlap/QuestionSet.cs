using System.Text;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>The questions of a file or a part, and how many of them occur again. Texts are compared, and never printed.</summary>
/// <param name="name">For people.</param>
/// <param name="questions">In the order of the rows.</param>
internal sealed class QuestionSet(string name, IReadOnlyList<string> questions)
{
    /// <summary>Every set is held against all others: it is looked through once.</summary>
    private readonly Lazy<(HashSet<string> Folded, NearDuplicates Near)> _index = new(() =>
    {
        var near = new NearDuplicates();
        foreach (var question in questions) near.Add(question);
        return (questions.Select(FoldedText).ToHashSet(StringComparer.Ordinal), near);
    });

    public string Name => name;

    public IReadOnlyList<string> Questions => questions;

    /// <summary>What a set repeats in itself.</summary>
    public RepeatedQuestions Repeats()
    {
        var (seen, near) = (new HashSet<string>(StringComparer.Ordinal), new NearDuplicates());
        var (same, alike) = (new List<int>(), new List<int>());
        for (var i = 0; i < Questions.Count; i++)
        {
            if (!seen.Add(FoldedText(Questions[i]))) same.Add(i + 1);
            else if (near.Find(Questions[i]) is not null) alike.Add(i + 1);
            near.Add(Questions[i]);
        }

        return new RepeatedQuestions(Name, Questions.Count, same, alike);
    }

    /// <summary>What two sets share.</summary>
    public SharedQuestions SharedWith(QuestionSet other)
    {
        var (theirs, near) = other._index.Value;
        var (same, alike) = (new List<int>(), new List<int>());
        for (var i = 0; i < Questions.Count; i++)
        {
            if (theirs.Contains(FoldedText(Questions[i]))) same.Add(i + 1);
            else if (near.Find(Questions[i]) is not null) alike.Add(i + 1);
        }

        return new SharedQuestions(Name, other.Name, same, alike);
    }

    /// <summary>In lower case, runs of white space as one space.</summary>
    private static string FoldedText(string text) => new StringBuilder()
        .AppendJoin(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToString();
}
