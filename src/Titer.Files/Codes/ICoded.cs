namespace Titer.Files.Codes;

/// <summary>An exception of Titer's own: its stable code is a value, which nobody needs to look for in the message.</summary>
public interface ICoded
{
    /// <summary>For example <c>TITER232</c>; <c>titer explain</c> says what it means. Empty in a message that was written without one.</summary>
    string Code { get; }

    /// <summary>One line, the code included.</summary>
    string Message { get; }

    /// <summary>The message without its code: place, fact and fix.</summary>
    string Text => Code.Length == 0 ? Message : Message.Remove(Message.IndexOf(Code, StringComparison.Ordinal), Code.Length + 1);
}
