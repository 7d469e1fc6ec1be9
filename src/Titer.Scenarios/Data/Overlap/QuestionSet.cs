using System.Globalization;
using System.Text;

namespace Titer.Scenarios.Data.Overlap;

/// <summary>The questions of a file or a part, and how many of them occur again. Texts are compared, and never printed.</summary>
/// <param name="Name">For people.</param>
/// <param name="Questions">In the order of the rows.</param>
internal sealed record QuestionSet(string Name, IReadOnlyList<string> Questions)
{
    private const int MostRowsTold = 5;

    /// <summary>What a set repeats in itself: a line.</summary>
    public string Repeats()
    {
        var (seen, near) = (new HashSet<string>(StringComparer.Ordinal), new NearDuplicates());
        var (same, alike) = (new List<int>(), new List<int>());
        for (var i = 0; i < Questions.Count; i++)
        {
            if (!seen.Add(Folded(Questions[i]))) same.Add(i + 1);
            else if (near.Find(Questions[i]) is not null) alike.Add(i + 1);
            near.Add(Questions[i]);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"{Name}: {Questions.Count} questions; {same.Count} ask what an earlier row asks{Rows(same)}; {alike.Count} nearly so{Rows(alike)}");
    }

    /// <summary>What two sets share: a line, and whether it is anything.</summary>
    public (string Line, bool IsAny) SharedWith(QuestionSet other)
    {
        var (theirs, near) = (other.Questions.Select(Folded).ToHashSet(StringComparer.Ordinal), new NearDuplicates());
        foreach (var question in other.Questions) near.Add(question);
        var (same, alike) = (new List<int>(), new List<int>());
        for (var i = 0; i < Questions.Count; i++)
        {
            if (theirs.Contains(Folded(Questions[i]))) same.Add(i + 1);
            else if (near.Find(Questions[i]) is not null) alike.Add(i + 1);
        }

        var line = string.Create(CultureInfo.InvariantCulture,
            $"{Name} and {other.Name}: {same.Count} questions are in both{Rows(same)}; {alike.Count} nearly so{Rows(alike)}");
        return (line, same.Count + alike.Count > 0);
    }

    /// <summary>In lower case, runs of white space as one space.</summary>
    private static string Folded(string text) => new StringBuilder()
        .AppendJoin(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToString();

    private static string Rows(List<int> rows) => rows.Count == 0 ? ""
        : $" ({(rows.Count == 1 ? "row" : "rows")} {string.Join(", ", rows.Take(MostRowsTold))}{(rows.Count > MostRowsTold ? ", ..." : "")})";
}
