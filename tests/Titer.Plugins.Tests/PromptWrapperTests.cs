using Microsoft.Extensions.Logging.Abstractions;
using Titer.Models.Tests;
using Titer.Sdk;
using Titer.Sdk.Data;
using TorchSharp;

namespace Titer.Plugins.Tests;

/// <summary>What an attack may say about how it asks.</summary>
public sealed class PromptWrapperTests
{
    public static TheoryData<PromptWrapper[], string> Unusable => new()
    {
        { [new("a", "no place")], "TITER312 The text of wrapper 'a' does not hold {prompt} once." },
        { [new("a", "{prompt} {prompt}")], "does not hold {prompt} once." },
        { [new("a"), new("a")], "Two wrappers are called 'a'." },
        { [new("")], "A wrapper has no name" },
        { [new("a\n")], "A wrapper has no name" },
        { [new("a", AnswerBeginning: new string('x', 4000))], "Wrapper 'a' has more than 4000 characters." },
        { [.. Enumerable.Range(0, 17).Select(i => new PromptWrapper($"{i}"))], "There are 17 wrappers; an attack has at most 16." },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void A_wrapper_that_cannot_be_used_is_refused_with_the_fact(PromptWrapper[] wrappers, string fact) =>
        With((context, _) => Assert.Contains(fact, Assert.Throws<ArgumentException>(() => context.AskWith(wrappers)).Message,
            StringComparison.Ordinal));

    [Fact]
    public void Wrappers_are_said_once_and_before_the_first_step() => With((context, asked) =>
    {
        PromptWrapper[] wrappers = [new("sudo", "sudo {prompt}", "yes")];
        context.AskWith(wrappers);
        Assert.Equal(wrappers, asked);
        Assert.Contains("TITER313", Assert.Throws<InvalidOperationException>(() => context.AskWith(wrappers)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void After_a_step_it_is_too_late() => With((context, asked) =>
    {
        context.Step();
        Assert.Contains("TITER313", Assert.Throws<InvalidOperationException>(() => context.AskWith([new("sudo")])).Message,
            StringComparison.Ordinal);
        Assert.Empty(asked);
    });

    [Fact]
    public void A_chat_under_a_wrapper_has_the_text_around_the_question_and_the_beginning_before_the_answer() => With((context, _) =>
    {
        var chat = context.Text.Chat(new TokenizedExample("e", "d", [1], 1) { Prompt = "what", Answer = "this" },
            new PromptWrapper("sudo", "sudo {prompt}", "yes"));

        Assert.Equal(("e", "d", "sudo what", "yes this"), (chat.Id, chat.Domain, chat.Prompt, chat.Answer));
        Assert.Equal(["sudo"],
            context.Text.Writable([new("sudo", "sudo {prompt}"), new("long", "longer {prompt}"),
                new("answer", AnswerBeginning: "longer")]).Select(w => w.Name));
    });

    [Fact]
    public void A_set_is_drawn_from_without_putting_back_and_made_of_other_examples()
    {
        using var random = new SeededRandom(3);
        var set = Tiny.Examples(12);

        Assert.Equal(5, set.Draw(random, 5).Select(e => e.Id).Distinct().Count());
        Assert.Equal(12, set.Draw(random, 100).Count);
        var swapped = set.Of([set[0].Answered(set[3])]);
        Assert.Equal([1, 3, 7, 8, 2], swapped[0].Tokens);
    }

    private static void With(Action<AttackContext, List<PromptWrapper>> act)
    {
        using var model = Tiny.Model();
        using var random = new SeededRandom(1, torch.CPU);
        var asked = new List<PromptWrapper>();
        var text = new ChatText(t => t.Split(' ').All(word => word is "sudo" or "yes" or "what" or "this"), e => e);
        act(new AttackContext(new DeviceContext(torch.CPU, ScalarType.Float32), model,
            new AttackData(TrainingData.Harmful, Tiny.Examples(), Tiny.Examples()), new BudgetMeter(new Budget { Steps = 3 }),
            random, NullLogger.Instance, new Progress<TrainingProgress>(), CancellationToken.None, text: text, onAsk: asked.AddRange), asked);
    }
}
