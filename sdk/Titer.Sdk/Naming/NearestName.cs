namespace Titer.Sdk.Naming;

/// <summary>"Did you mean" for misspelt keys.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest edits, or null when none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var nearest = known.Select(k => (Name: k, Edits: Edits(name, k))).OrderBy(k => k.Edits).FirstOrDefault();
        return nearest.Name is not null && nearest.Edits <= Math.Max(2, name.Length / 3) ? nearest.Name : null;
    }

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Edits(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[b.Length];
    }
}
