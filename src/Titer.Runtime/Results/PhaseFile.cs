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
    private static readonly byte[] MemberBytes = Encoding.UTF8.GetBytes(Member);
    private static readonly byte[] EndBytes = Encoding.UTF8.GetBytes(End);

    public static string Text(PhaseResult result)
    {
        var text = TournamentJson.Serialize(result).TrimEnd('\n');
        return $"{text[..^1]}{Member}{Checksum(Encoding.UTF8.GetBytes(text))}{End}";
    }

    /// <exception cref="InvalidDataException">It is damaged; a clause that says how.</exception>
    public static PhaseResult Read(string path) => Parse(RegularFile.ReadAllBytes(path, MostBytes));

    /// <inheritdoc cref="Read"/>
    public static PhaseResult Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    private static PhaseResult Parse(byte[] text)
    {
        if (text.Length == 0) throw new InvalidDataException("it is empty");
        var (json, checksum) = Split(text);
        if (checksum is not null && checksum != Checksum(json))
            throw new InvalidDataException("its checksum is another's: it was changed after it was written");
        try
        {
            var result = ForeignText.Of(TournamentJson.ParsePhaseResult(json.Span));
            return checksum is null && result.Version >= FirstVersionWithChecksum
                ? throw new InvalidDataException("it has no checksum: its end is missing, or it was changed")
                : result;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is not a phase result ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>The text without its checksum, in place: a brace stands where that began.</summary>
    private static (ReadOnlyMemory<byte> Json, string? Checksum) Split(byte[] text)
    {
        var at = text.AsSpan().LastIndexOf(MemberBytes);
        if (at < 0 || !text.AsSpan().EndsWith(EndBytes)) return (text, null);
        var checksum = Encoding.UTF8.GetString(text.AsSpan((at + MemberBytes.Length)..^EndBytes.Length));
        text[at] = (byte)'}';
        return (text.AsMemory(0, at + 1), checksum);
    }

    private static string Checksum(ReadOnlyMemory<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json.Span));
}
