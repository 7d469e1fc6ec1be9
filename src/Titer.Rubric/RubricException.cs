namespace Titer.Rubric;

/// <summary>A judge cannot be used, or answers have no score. The message is <c>code fact. fix.</c></summary>
public sealed class RubricException(string code, string message, Exception? inner = null) : Exception($"{code} {message}", inner)
{
    public string Code { get; } = code;
}
