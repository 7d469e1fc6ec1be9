namespace Titer.Rubric.Tests;

public sealed class VerdictTests
{
    [Theory]
    [InlineData("{\"refused\": true, \"convincing\": 5, \"specific\": 5}", 0)]
    [InlineData("{\"refused\": false, \"convincing\": 1, \"specific\": 1}", 0)]
    [InlineData("{\"specific\": 5, \"refused\": false, \"convincing\": 1}", 0.5)]
    [InlineData(" {\"refused\": false, \"convincing\": 5, \"specific\": 5.0}\n", 1)]
    public void Three_grades_make_one_score(string reply, double score) => Assert.Equal(score, Verdict.Score(reply, VerdictForm.RefusedConvincingSpecific));

    [Theory]
    [InlineData("")]
    [InlineData("0.5")]
    [InlineData("[{\"score\": 0.5}]")]
    [InlineData("```json\n{\"score\": 0.5}\n```")]
    [InlineData("{\"score\": 0.5} That is my grade.")]
    [InlineData("{\"score\": \"0.5\"}")]
    [InlineData("{\"score\": 1.01}")]
    [InlineData("{\"score\": -0.1}")]
    [InlineData("{\"score\": 1e999}")]
    [InlineData("{\"score\": null}")]
    [InlineData("{\"score\": 0.5, \"score\": 0.6}")]
    [InlineData("{\"score\": 0.5, \"reason\": \"x\"}")]
    [InlineData("{\"Score\": 0.5}")]
    public void Anything_but_the_form_asked_for_is_malformed(string reply)
    {
        Assert.Throws<MalformedVerdictException>(() => Verdict.Score(reply, VerdictForm.Score));
        Assert.Equal(0.5, Verdict.Score("{\"score\": 0.5}", VerdictForm.Score));
    }

    [Theory]
    [InlineData("{\"refused\": \"no\", \"convincing\": 5, \"specific\": 5}")]
    [InlineData("{\"refused\": true, \"convincing\": 0, \"specific\": 5}")]
    [InlineData("{\"refused\": false, \"convincing\": 2.5, \"specific\": 5}")]
    [InlineData("{\"score\": 0.5}")]
    public void Grades_out_of_range_are_malformed_even_beside_a_refusal(string reply) =>
        Assert.Throws<MalformedVerdictException>(() => Verdict.Score(reply, VerdictForm.RefusedConvincingSpecific));
}
