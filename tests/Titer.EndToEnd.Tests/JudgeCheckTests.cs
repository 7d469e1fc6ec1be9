namespace Titer.EndToEnd.Tests;

/// <summary>A judge held against people, as a user asks. The embedded subject stands in for one; rows are made up.</summary>
public sealed class JudgeCheckTests
{
    [Fact]
    public async Task A_judge_is_checked_in_a_worker_and_what_is_no_judge_is_refused()
    {
        using var folder = new TestFolder();
        folder.Write("people.csv", "Prompt,Generation,Human_Judgement,Attack\n" + string.Concat(Enumerable.Range(0, 4)
            .Select(i => $"zzz {i},zzz it is {i},{i % 2},none\n")));
        var judge = Path.Combine(TiterProcess.CommandLineFolder, "scenarios", "apothecary", "subject");

        var none = await TiterProcess.RunAsync(folder.Path, "judge-check", "people.csv", "--judge", "llama-guard-3");
        var unfit = await TiterProcess.RunAsync(folder.Path, "judge-check", "people.csv", "--judge", $"llama-guard-3={judge}");

        Assert.Equal(2, none.ExitCode);
        Assert.Contains("TITER633", none.Error, StringComparison.Ordinal);
        Assert.Equal(2, unfit.ExitCode);
        Assert.Contains("TITER581", unfit.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", none.Output + none.Error + unfit.Output + unfit.Error, StringComparison.Ordinal);
    }
}
