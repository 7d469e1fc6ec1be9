using System.Text.RegularExpressions;

namespace Titer.Files.Codes;

/// <summary>
/// The code that a message begins with, behind its place if it names one: <c>file:line:column: TITER512 ...</c>. For constructors of
/// <see cref="ICoded"/> alone: everybody else asks for their value.
/// </summary>
public static partial class MessageCode
{
    /// <summary>Empty when the message has none.</summary>
    public static string Of(string message) => First().Match(message).Groups[1].Value;

    [GeneratedRegex("(?:^|: )(TITER[0-9]{3}) ")]
    private static partial Regex First();
}
