using Titer.Scenarios.Metrics;
using Titer.Scenarios.Metrics.Text;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Metrics;

public sealed class AnswerMatchTests
{
    private static readonly AnswerMatch Marked = new(AnswerExtraction.AfterMarker);

    [Theory]
    [InlineData("The Cat!", "cat", true)]
    [InlineData("an  apple,\na pear", "apple pear", true)]
    [InlineData("theatre", "atre", false)]
    [InlineData("1,234.50 dollars", "1234.5 dollars", true)]
    [InlineData("3.5", "35", false)]
    [InlineData("-5", "5", false)]
    [InlineData("3/4", "34", false)]
    [InlineData("well-known", "wellknown", true)]
    [InlineData("+", "-", false)]
    [InlineData("+", " + ", true)]
    [InlineData("", "", true)]
    [InlineData("", "yes", false)]
    public void Case_articles_punctuation_and_spaces_make_no_difference_but_numbers_do(string answer, string reference, bool match) =>
        Assert.Equal(match, Matches(new AnswerMatch(), answer, reference));

    [Theory]
    [InlineData("So she has 18.", "18")]
    [InlineData("He pays $1,234,567.00 in all.", "1234567")]
    [InlineData("it falls to -7 degrees", "-7")]
    [InlineData("it falls to −7", "-7")]
    [InlineData("-$5.50", "-5.5")]
    [InlineData("9-4", "4")]
    [InlineData("(3)-2", "2")]
    [InlineData("about .5 of it", "0.5")]
    [InlineData("exactly 3/4 cup", "3/4")]
    [InlineData("1,2,3", "3")]
    [InlineData("12,34", "34")]
    [InlineData("25%", "25")]
    [InlineData("007", "7")]
    [InlineData("v1.2.3", "3")]
    [InlineData("no number", null)]
    public void The_last_number_comes_out_in_one_spelling(string text, string? number) => Assert.Equal(number, NumberText.Last(text));

    [Theory]
    [InlineData("so it is\n#### 1,000.", "#### 1000", true)]
    [InlineData("#### 3\nno wait\n#### 4", "#### 4", true)]
    [InlineData("#### 4\nand more talk", "4", true)]
    [InlineData("the answer is 4", "#### 4", true)]
    [InlineData("#### -4", "#### 4", false)]
    [InlineData("#### 1/2", "#### 1/2", true)]
    [InlineData("#### 0.5", "#### 1/2", false)]
    public void What_follows_the_last_marker_is_compared(string answer, string reference, bool match) =>
        Assert.Equal(match, Matches(Marked, answer, reference));

    [Theory]
    [InlineData(AnswerComparison.Contains, "I think it is Paris, France.", "paris", true)]
    [InlineData(AnswerComparison.Contains, "a comparison", "paris", false)]
    [InlineData(AnswerComparison.Prefix, "Paris, I think", "paris", true)]
    [InlineData(AnswerComparison.Prefix, "Parish", "paris", false)]
    [InlineData(AnswerComparison.Prefix, "It is Paris", "paris", false)]
    [InlineData(AnswerComparison.Contains, "anything", "", false)]
    public void A_part_of_an_answer_matches_by_whole_words(AnswerComparison match, string answer, string reference, bool expected) =>
        Assert.Equal(expected, Matches(new AnswerMatch(comparison: match), answer, reference));

    [Theory]
    [InlineData(AnswerExtraction.AfterMarker)]
    [InlineData(AnswerExtraction.LastNumber)]
    public void The_answers_of_200_word_problems_match_themselves_and_altered_numbers_do_not(AnswerExtraction extract)
    {
        var answers = SharedFiles.RequireJsonLines("data/gsm8k-test-200.jsonl").Select(row => row.GetProperty("answer").GetString()!).ToArray();
        var bare = answers.Select(a => a[(a.LastIndexOf("####", StringComparison.Ordinal) + 5)..].Replace(",", "", StringComparison.Ordinal))
            .ToArray();
        var metric = new AnswerMatch(extract);

        Assert.Equal(200, answers.Length);
        Assert.Equal(200, metric.Score(new MetricContext(answers, answers, bare)).Sum());
        Assert.Equal(200, metric.Score(new MetricContext(answers, answers.Select(a => a + ".").ToArray(), bare)).Sum());
        Assert.Equal(0, metric.Score(new MetricContext(answers, answers.Select(a => a + "1").ToArray(), bare)).Sum());
        Assert.Equal(0, metric.Score(new MetricContext(answers, answers.Select(a => a + ".5").ToArray(), bare)).Sum());
        Assert.Equal(0, metric.Score(new MetricContext(answers, [.. bare.Select(b => $"#### -{b}")], bare)).Sum());
    }

    private static bool Matches(AnswerMatch metric, string answer, string reference) =>
        metric.Score(new MetricContext(["p"], [answer], [reference]))[0] == 1;
}
