using System.Buffers;
using System.Text.Json;
using Titer.Runtime.Workers;
using Titer.Sdk;

namespace Titer.Runtime.Tests.Workers;

/// <summary>How a stranger's attack asks is a line from an enemy: of a few texts of a few characters, or no message of the protocol.</summary>
public sealed class AskedWrappersTests
{
    public static TheoryData<string, IReadOnlyList<PromptWrapper>> Senseless => new()
    {
        { "none", [] },
        { "null", [null!] },
        { "too many", [.. Enumerable.Range(0, PromptWrapper.MostWrappers + 1).Select(i => new PromptWrapper($"w{i}"))] },
        { "two of a name", [new("a"), new("a")] },
        { "no name", [new("")] },
        { "a name that a terminal obeys", [new("a\u001b[2J")] },
        { "no place for the prompt", [new("a", "text")] },
        { "a text without end", [new("a", "{prompt}" + new string('x', PromptWrapper.MostCharacters))] },
        { "a beginning without end", [new("a", AnswerBeginning: new string('x', PromptWrapper.MostCharacters))] },
    };

    [Fact]
    public void Wrappers_arrive_as_they_were_sent()
    {
        PromptWrapper[] sent = [new("sudo", "sudo {prompt}"), new("sure", AnswerBeginning: "Sure, ")];

        Assert.Equal(sent, Assert.IsType<AskMessage>(Read(new AskMessage(sent))).Wrappers);
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Wrappers_that_the_plugins_own_side_would_refuse_are_refused_on_the_pipe_too(string what, IReadOnlyList<PromptWrapper> wrappers)
    {
        Assert.NotEmpty(what);
        Assert.Throws<JsonException>(() => Read(new AskMessage(wrappers)));
    }

    private static WireMessage Read(WireMessage message) =>
        WireReader.Read(new ReadOnlySequence<byte>(JsonSerializer.SerializeToUtf8Bytes(message, WireJson.Default.WireMessage)));
}
