namespace Titer.Scenarios.Data;

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    System,
    User,
    Assistant,
}

/// <summary>One message of a conversation as plain text.</summary>
public sealed record ChatMessage(ChatRole Role, string Text);
