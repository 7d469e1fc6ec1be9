using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Workers;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// A phase's result as a file: its JSON with a checksum behind it, so that one changed byte is noticed, and the seal of the host that measured it
/// (<see cref="ResultKey"/>). Files of before version 3 have none.
/// </summary>
internal static class PhaseFile
{
    /// <summary>Results of this version on also name the weights that they are of.</summary>
    public const int FirstVersionWithChecksum = 3;

    private const int MostBytes = 256 << 20;
    private const string Member = ",\"checksum\":\"";
    private const string SealMember = "\",\"seal\":\"";
    private const string End = "\"}\n";
    private static readonly byte[] MemberBytes = Encoding.UTF8.GetBytes(Member);
    private static readonly byte[] EndBytes = Encoding.UTF8.GetBytes(End);

    public static string Text(PhaseResult result, ResultKey? key = null)
    {
        var text = TournamentJson.Serialize(result).TrimEnd('\n');
        var json = Encoding.UTF8.GetBytes(text);
        return $"{text[..^1]}{Member}{Checksum(json)}{(key is null ? "" : SealMember + key.Seal(json))}{End}";
    }

    /// <exception cref="InvalidDataException">It is damaged; a clause that says how.</exception>
    public static (PhaseResult Result, ResultProof Proof) Read(string path, ResultKey key, PhaseResultReader reader) =>
        RegularFile.Read(path, MostBytes, text =>
        {
            var (json, checksum, seal) = Split(text);
            return (Parse(json.Span, checksum, reader), key.ProofOf(json.Span, seal));
        });

    /// <inheritdoc cref="Read" path="/exception"/>
    public static PhaseResult Parse(string text, PhaseResultReader reader)
    {
        var (json, checksum, _) = Split(Encoding.UTF8.GetBytes(text));
        return Parse(json.Span, checksum, reader);
    }

    private static PhaseResult Parse(ReadOnlySpan<byte> json, string? checksum, PhaseResultReader reader)
    {
        if (json.Length == 0) throw new InvalidDataException("it is empty");
        if (checksum is not null && checksum != Checksum(json))
            throw new InvalidDataException("its checksum is another's: it was changed after it was written");
        try
        {
            var result = ForeignText.Of(reader.Read(json));
            return checksum is null && result.Version >= FirstVersionWithChecksum
                ? throw new InvalidDataException("it has no checksum: its end is missing, or it was changed")
                : result;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is not a phase result ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>The text without its checksum and seal, in place: a brace stands where they began.</summary>
    private static (ReadOnlyMemory<byte> Json, string? Checksum, string? Seal) Split(Memory<byte> text)
    {
        var bytes = text.Span;
        var at = bytes.LastIndexOf(MemberBytes);
        if (at < 0 || at + MemberBytes.Length > bytes.Length - EndBytes.Length || !bytes.EndsWith(EndBytes)) return (text, null, null);
        var parts = Encoding.UTF8.GetString(bytes[(at + MemberBytes.Length)..^EndBytes.Length]).Split(SealMember);
        if (parts.Length > 2) return (text, null, null);
        bytes[at] = (byte)'}';
        return (text[..(at + 1)], parts[0], parts.ElementAtOrDefault(1));
    }

    private static string Checksum(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));
}
