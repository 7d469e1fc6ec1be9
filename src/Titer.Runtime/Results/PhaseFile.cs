using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// A phase's result as a file: its JSON with a checksum as the last member, so that one changed byte is noticed. Files of before version 3 have
/// none.
/// </summary>
internal static class PhaseFile
{
    private const int FirstVersionWithChecksum = 3;
    private const long MostBytes = 256L << 20;
    private const string Member = ",\"checksum\":\"";
    private const string End = "\"}\n";

    public static string Text(PhaseResult result)
    {
        var text = TournamentJson.Serialize(result).TrimEnd('\n');
        return $"{text[..^1]}{Member}{Checksum(text)}{End}";
    }

    /// <exception cref="InvalidDataException">It is damaged; a clause that says how.</exception>
    public static PhaseResult Read(string path)
    {
        using var file = RegularFile.OpenRead(path, MostBytes);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return Parse(reader.ReadToEnd());
    }

    /// <inheritdoc cref="Read"/>
    public static PhaseResult Parse(string text)
    {
        if (text.Length == 0) throw new InvalidDataException("it is empty");
        var (json, checksum) = Split(text);
        if (checksum is not null && checksum != Checksum(json))
            throw new InvalidDataException("its checksum is another's: it was changed after it was written");
        try
        {
            var result = ForeignText.Of(TournamentJson.ParsePhaseResult(json));
            return checksum is null && result.Version >= FirstVersionWithChecksum
                ? throw new InvalidDataException("it has no checksum: its end is missing, or it was changed")
                : result;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is not a phase result ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static (string Json, string? Checksum) Split(string text)
    {
        var at = text.LastIndexOf(Member, StringComparison.Ordinal);
        return at < 0 || !text.EndsWith(End, StringComparison.Ordinal) ? (text, null) : (text[..at] + "}", text[(at + Member.Length)..^End.Length]);
    }

    private static string Checksum(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}
