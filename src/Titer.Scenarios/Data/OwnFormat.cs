using Titer.Models.Tokenizers;
using Titer.Scenarios.Data.Jinja;

namespace Titer.Scenarios.Data;

/// <summary>A format that a scenario states itself, as one of the formats that are known.</summary>
internal static class OwnFormat
{
    public const string FormatName = "own";

    public static ChatTemplate Of(ChatMarks marks, ITextTokenizer tokenizer)
    {
        // The first control token behind an answer ends it; what follows comes before the next question.
        var suffix = marks.Assistant.Suffix;
        var (before, end, after) = ControlSpans.In(MarkedText.Of(suffix), tokenizer)
            .Select(span => (suffix[..span.Start], suffix.Substring(span.Start, span.Length), suffix[(span.Start + span.Length)..]))
            .FirstOrDefault((suffix, null!, ""));
        return new ChatTemplate(FormatName, [], end, marks.System is not null, User, (writer, text) =>
        {
            writer.Text(text);
            writer.Marked(before);
        });

        void User(ChatWriter writer, UserTurn turn)
        {
            if (!turn.IsFirst) writer.Marked(after);
            else if (marks.Begin) writer.Begin();
            if (turn.System is not null) Message(marks.System!, turn.System);
            Message(marks.User, turn.Question);
            writer.Marked(marks.Assistant.Prefix);

            void Message(RoleMarks role, string text)
            {
                writer.Marked(role.Prefix);
                writer.Text(text);
                writer.Marked(role.Suffix);
            }
        }
    }
}
