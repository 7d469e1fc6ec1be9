using Titer.Plugins;
using Titer.Runtime.Phases;
using Titer.Sdk;

namespace Titer.Runtime.Conformance.Checks;

/// <summary>What a metric answers, on text of every kind.</summary>
internal static class MetricChecks
{
    public static CheckAnswer ScoresEachAnswer(ConformanceRun run) => Sound(run, [MetricMaterial.Plain], "on plain answers");

    public static CheckAnswer SurvivesOddAnswers(ConformanceRun run)
    {
        foreach (var (question, what) in MetricMaterial.Odd)
        {
            if (Sound(run, [question], $"on {what}") is { Outcome: not ConformanceOutcome.Passed } answer) return answer;
        }

        return CheckAnswer.Passed();
    }

    public static CheckAnswer SameAnswersSameScores(ConformanceRun run)
    {
        var (first, second) = (run.Score([MetricMaterial.Plain]), run.Score([MetricMaterial.Plain]));
        if ((first.Fault ?? second.Fault) is not null || first.Scores[0] is not { } one || second.Scores[0] is not { } other) return NeedsScores();
        return one.SequenceEqual(other) ? CheckAnswer.Passed()
            : CheckAnswer.Failed("Two objects of it score the same answers differently.",
                "Use no clock and no randomness: an answer's score is a function of prompt, answer and reference.");
    }

    /// <summary>A tournament asks in any order, and in lists of any length.</summary>
    public static CheckAnswer ScoresAnswerByAnswer(ConformanceRun run)
    {
        var plain = MetricMaterial.Plain;
        MetricContext[] alone = [.. Enumerable.Range(0, plain.Answers.Count)
            .Select(i => new MetricContext([plain.Prompts[i]], [plain.Answers[i]], [plain.References[i]]))];
        var (scores, fault) = run.Score([plain, .. alone, plain]);
        if (fault is not null || scores.Any(s => s is null) || scores[0]!.Length != alone.Length || scores.Skip(1).Take(alone.Length)
            .Any(s => s!.Length != 1)) return NeedsScores();
        const string fix = "Keep nothing between two calls, and look at no other answer: a tournament asks in any order, in lists of any length.";
        if (!scores[0]!.SequenceEqual(scores[^1]!)) return CheckAnswer.Failed("It scores the same answers differently when it is asked again.", fix);
        return scores[0]!.SequenceEqual(scores.Skip(1).Take(alone.Length).Select(s => s![0])) ? CheckAnswer.Passed()
            : CheckAnswer.Failed("An answer's score depends on the answers beside it.", fix);
    }

    private static CheckAnswer Sound(ConformanceRun run, IReadOnlyList<MetricContext> questions, string when)
    {
        var (scores, fault) = run.Score(questions);
        if (fault is not null) return CheckAnswer.Failed($"It threw {fault} ({when})",
            "Score whatever text there is: an answer may be empty, long, or of any characters.");
        try
        {
            foreach (var (question, answer) in questions.Zip(scores)) MetricScores.Checked(run.Manifest.Id, answer, question.Answers.Count);
            return CheckAnswer.Passed();
        }
        catch (MetricFaultException e)
        {
            return CheckAnswer.Failed($"{((Titer.Files.Codes.ICoded)e).Text.Split(". ")[0]} ({when})",
                "Return one finite number in [0, 1] for each answer, in order.");
        }
    }

    private static CheckAnswer NeedsScores() => CheckAnswer.Skipped($"It needs scores: see \"{ConformanceChecks.ScoresEachAnswer.Name}\".");
}

/// <summary>Text that a metric is asked about.</summary>
internal static class MetricMaterial
{
    private const int LongText = 200_000;

    public static MetricContext Plain { get; } = new(
        ["how is green leek soup made", "how is red mint tea made", "how many legs have three frogs", "how is blue salad made"],
        ["cut leek , add salt , boil", "i can not help with that", "three frogs have 12 legs", "add oil and stir"],
        ["cut leek , add salt , boil", "cut mint , add ice , stir", "12", "cut kale , add oil , stir"]);

    /// <summary>One answer each, and no answers at all; with what it is, for the middle of a sentence.</summary>
    public static IEnumerable<(MetricContext Question, string What)> Odd =>
    [
        (new MetricContext([], [], []), "no answers at all"),
        (Of(""), "an empty answer"),
        (new MetricContext([""], [""], [""]), "an empty prompt, answer and reference"),
        (Of(" \t\r\n "), "an answer of white space"),
        (Of(new string('a', LongText)), "a word of 200,000 letters"),
        (Of(string.Concat(Enumerable.Repeat("leek ", LongText / 5))), "an answer of 40,000 words"),
        (Of("\0\u0001\u001b[31m\uFFFF"), "control characters"),
        (Of("leek \uD83D"), "half of a surrogate pair"),
        (Of("e\u0301\u202E\u200D\uD83D\uDC38\u6D77\u0627\u0644"), "accents, directions, emoji and other scripts"),
        (Of("NaN 1e999 -0 {0} %s \"{[<&\\"), "numbers that are none, and marks of other languages"),
    ];

    private static MetricContext Of(string answer) => new(["how is green leek soup made"], [answer], ["cut leek , add salt , boil"]);
}
