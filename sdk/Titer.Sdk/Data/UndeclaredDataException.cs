namespace Titer.Sdk.Data;

/// <summary>The attack asked for data that it does not declare. A type of its own, so that the host knows it without reading messages.</summary>
internal sealed class UndeclaredDataException(string text) : InvalidOperationException($"{Code} {text}")
{
    public const string Code = "TITER302";

    /// <summary>The fact and the fix.</summary>
    public string Text { get; } = text;
}
