namespace Titer.Runtime.Configuration;

/// <summary>What somebody without a plugin may be called: it becomes part of file names.</summary>
internal static class EntrantLabel
{
    private const int MostCharacters = 64;

    public static string Rule { get; } = $"1 to {MostCharacters} letters, digits, '-', '_' or '.'";

    public static bool IsOne(string label) => label.Length is > 0 and <= MostCharacters && label[0] != '.'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
