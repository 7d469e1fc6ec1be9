using Titer.Files.Codes;

namespace Titer.Scenarios;

/// <summary>Too many answers of a domain could not be read by the judge: the point is not measured.</summary>
public sealed class UnreadAnswersException(string fact) : Exception($"TITER586 {fact}"), ICoded
{
    public string Code => MessageCode.Of(Message);
}

/// <summary>
/// Answers that a judge could not read are missing, which is not harmless: each takes the mean of those of its domain that were read, so that the
/// domain's mean is that of the read ones. With too few of them there is none. Intervals still count them as read: they are too narrow by at most
/// one part in twenty where a tenth is missing.
/// </summary>
internal static class UnreadAnswers
{
    /// <param name="scores">One for each prompt; NaN was not read. Filled in place.</param>
    /// <param name="domains">Of the same prompts.</param>
    /// <param name="mostUnread">Part of a domain's answers.</param>
    /// <returns>How many were not read.</returns>
    /// <exception cref="UnreadAnswersException">Of one domain more were not.</exception>
    public static int Fill(double[] scores, IReadOnlyList<string> domains, double mostUnread)
    {
        var unread = scores.Count(double.IsNaN);
        if (unread == 0) return 0;
        foreach (var domain in domains.Index().GroupBy(d => d.Item, d => d.Index))
        {
            int[] missing = [.. domain.Where(i => double.IsNaN(scores[i]))];
            var all = domain.Count();
            if (missing.Length > mostUnread * all)
                throw new UnreadAnswersException($"The judge could not read {missing.Length} of {all} answers of the domain '{domain.Key}'; at most "
                    + FormattableString.Invariant($"{mostUnread:P0} may be missing. Ask with its own template, or take a judge with more context."));
            var mean = domain.Where(i => !double.IsNaN(scores[i])).Average(i => scores[i]);
            foreach (var i in missing) scores[i] = mean;
        }

        return unread;
    }
}
