using System.Text.Json;

namespace Titer.Plugins;

/// <summary>Names as they stand in files.</summary>
internal static class SnakeCase
{
    /// <summary><c>BatchSize</c> becomes <c>batch_size</c>, <c>L2Weight</c> <c>l2_weight</c>, <c>KLWeight</c> <c>kl_weight</c>.</summary>
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>A letter, then letters, digits and single underscores; all lower-case ASCII.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 64
        && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
        && !name.Contains("__", StringComparison.Ordinal)
        && name[^1] != '_';
}
