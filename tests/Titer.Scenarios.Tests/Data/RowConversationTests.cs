using System.Text.Json;
using Titer.Scenarios.Data;

namespace Titer.Scenarios.Tests.Data;

public sealed class RowConversationTests
{
    [Theory]
    [InlineData("messages",
        """{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"q"},{"role":"assistant","content":"r"}]}""", "System:s User:a Assistant:b", "q", "r", null)]
    [InlineData("sharegpt", """{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"r"}]}""", "", "q", "r", null)]
    [InlineData("alpaca", """{"instruction":"q","input":"i","output":"r"}""", "", "q", "r", null)]
    [InlineData("alpaca", """{"instruction":"q","input":"","output":"r","system":"s"}""", "System:s", "q", "r", null)]
    [InlineData("prompt-response", """{"prompt":"q","response":"r","other":7}""", "", "q", "r", null)]
    [InlineData("chosen-rejected",
        """{"chosen":"\n\nHuman: a\n\nAssistant: b\n\nHuman: q\n\nAssistant: r","rejected":"\n\nHuman: a\n\nAssistant: b\n\nHuman: q\n\nAssistant: w"}""", "User:a Assistant:b", "q", "r", "w")]
    [InlineData("chosen-rejected",
        """{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"r"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"w"}]}""", "", "q", "r", "w")]
    [InlineData("chosen-rejected", """{"prompt":"q","chosen":"r","rejected":"w"}""", "", "q", "r", "w")]
    [InlineData("prompt-only", """{"prompt":"q"}""", "", "q", null, null)]
    [InlineData("prompt-only", """{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}]}""", "System:s", "q", null, null)]
    [InlineData("prompt-completion", """{"prompt":"q","completion":"r"}""", "", "q", "r", null)]
    [InlineData("prompt-completion", """{"prompt":[{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"r"}]}""", "", "q",
        "r", null)]
    [InlineData("prompt-completion",
        """{"prompt":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"q"}],"completion":"r"}""",
        "User:a Assistant:b", "q", "r", null)]
    [InlineData("chosen-rejected",
        """{"prompt":[{"role":"developer","content":"s"},{"role":"user","content":"q"}],"chosen":[{"role":"assistant","content":"r"}],"rejected":[{"role":"assistant","content":"w"}]}""", "System:s", "q", "r", "w")]
    [InlineData("chosen-rejected", """{"prompt":[{"role":"user","content":"q"}],"chosen":"r","rejected":"w"}""", "", "q", "r", "w")]
    [InlineData("chosen-rejected",
        """{"prompt":"q","chosen":[{"role":"assistant","content":"r"}],"rejected":[{"role":"assistant","content":"w"}]}""", "", "q", "r", "w")]
    [InlineData("sharegpt", """{"conversations":[{"role":"user","content":"q"},{"role":"assistant","content":"r"}]}""", "", "q", "r", null)]
    [InlineData("messages", """{"messages":[{"from":"prompter","value":"q"},{"from":"model","value":"r"}]}""", "", "q", "r", null)]
    [InlineData("messages",
        """{"messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"text","text":"q"}]},{"role":"assistant","content":["r",{"type":"text","text":"!"}]}]}""", "", "qq", "r!", null)]
    [InlineData("alpaca", """{"instruction":"q","output":"r","history":[["a","b"],["c","d"]]}""", "User:a Assistant:b User:c Assistant:d", "q", "r",
        null)]
    [InlineData("prompt-response", """{"prompt":"q","response":"r","history":[]}""", "", "q", "r", null)]
    public void A_shape_is_recognized_and_read(string shape, string json, string history, string prompt, string? answer, string? rejected)
    {
        var row = Row(json);
        var recognized = DataShapes.Recognize([row], name => name);
        var read = RowConversation.Of(row, recognized, name => name)!;

        Assert.Equal(shape, DataShapes.NameOf(recognized));
        Assert.Equal(history, string.Join(' ', read.History.Select(m => $"{m.Role}:{m.Text}")));
        Assert.Equal((prompt, answer, rejected), (read.Prompt, read.Answer, read.Rejected));
    }

    [Fact]
    public void Columns_may_have_other_names()
    {
        var names = new Dictionary<string, string> { ["prompt"] = "question", ["response"] = "answer" };
        string ColumnOf(string name) => names.GetValueOrDefault(name, name);
        var row = Row("""{"question":"q","answer":"r"}""");

        Assert.Equal(DataShape.PromptResponse, DataShapes.Recognize([row], ColumnOf));
        Assert.Equal(("q", "r"), (RowConversation.Of(row, DataShape.PromptResponse, ColumnOf)!.Prompt,
            RowConversation.Of(row, DataShape.PromptResponse, ColumnOf)!.Answer));
    }

    [Theory]
    [InlineData("""{"question":"zzz"}""", "no shape; its fields are 'question'")]
    [InlineData("{}", "no shape; its fields are none")]
    [InlineData("""{"messages":[],"conversations":[]}""", "several shapes: messages, sharegpt")]
    [InlineData("""{"instruction":"zzz","output":"zzz","prompt":"zzz","response":"zzz"}""", "several shapes: alpaca, prompt-response")]
    public void A_shape_that_is_not_clear_is_not_guessed(string json, string fact)
    {
        var message = Assert.Throws<ScenarioException>(() => DataShapes.Recognize([Row(json)], name => name)).Message;

        Assert.Contains("TITER527", message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DataShape.PromptResponse, """{"prompt":"zzz"}""", "no field 'response'")]
    [InlineData(DataShape.PromptResponse, """{"prompt":"zzz","response":["zzz","zzz"]}""", "a list of 2 in the field 'response'")]
    [InlineData(DataShape.PromptResponse, """{"prompt":7,"response":"zzz"}""", "a number in the field 'prompt'")]
    [InlineData(DataShape.PromptResponse, """{"prompt":"  ","response":"zzz"}""", "empty question")]
    [InlineData(DataShape.PromptOnly, """{"prompt":"\ud83d"}""", "half of a surrogate pair")]
    [InlineData(DataShape.Messages, """{"messages":"zzz"}""", "a text of 3 characters in the field 'messages', not a list")]
    [InlineData(DataShape.Messages, """{"messages":[]}""", "no message of a user in 'messages'")]
    [InlineData(DataShape.Messages, """{"messages":[{"role":"zzz","content":"zzz"}]}""", "an unknown role of 3 characters in 'messages[0]'")]
    [InlineData(DataShape.Messages, """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":"zzz"}]}]}""",
        "no 'text' in 'messages[0].content[0]'")]
    [InlineData(DataShape.Alpaca, """{"instruction":"zzz","output":"zzz","history":[["zzz"]]}""", "1 texts in 'history[0]'")]
    [InlineData(DataShape.PromptCompletion, """{"prompt":"zzz","completion":[{"role":"user","content":"zzz"}]}""",
        "something else than one message of the assistant")]
    [InlineData(DataShape.Messages, """{"messages":[{"role":"user","text":"zzz"}]}""", "no 'content' or 'value' in 'messages[0]'")]
    [InlineData(DataShape.Messages, """{"messages":["zzz"]}""", "no 'role' or 'from' in 'messages[0]'")]
    [InlineData(DataShape.Messages, """{"messages":[{"role":"assistant","content":"zzz"}]}""", "assistant message out of turn in 'messages[0]'")]
    [InlineData(DataShape.ShareGpt, """{"conversations":[{"from":"human","value":"zzz"},{"from":"human","value":"zzz"}]}""",
        "user message out of turn in 'conversations[1]'")]
    [InlineData(DataShape.Messages, """{"system":"zzz","messages":[{"role":"system","content":"zzz"},{"role":"user","content":"zzz"}]}""",
        "a system prompt among its messages and in 'system'")]
    [InlineData(DataShape.ChosenRejected, """{"chosen":"Human: zzz\n\nAssistant: zzz","rejected":"Human: zz\n\nAssistant: zzz"}""",
        "answers different questions")]
    [InlineData(DataShape.ChosenRejected, """{"chosen":"Human: zzz","rejected":"Human: zzz"}""", "ends without an answer in 'chosen'")]
    [InlineData(DataShape.ChosenRejected, """{"chosen":"zzz","rejected":"zzz"}""",
        "a text of 3 characters in 'chosen' that does not begin with 'Human:'")]
    [InlineData(DataShape.Text, """{"text":"zzz"}""", "plain text")]
    public void What_is_wrong_in_a_row_is_said_by_field_type_and_length(DataShape shape, string json, string fact)
    {
        var message = Assert.Throws<ScenarioException>(() => RowConversation.Of(Row(json), shape, name => name)!).Message;

        Assert.Matches("^made-up: TITER52[67] Row 5 \\(line 9\\) ", message);
        Assert.Contains(fact, message, StringComparison.Ordinal);
        Assert.DoesNotContain("zzz", message, StringComparison.Ordinal);
    }

    private static DataRow Row(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new DataRow("made-up", 5, 9, document.RootElement.Clone());
    }
}
