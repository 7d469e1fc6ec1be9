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
    private const int FirstVersionWithChecksum = 3;
    private const long MostBytes = 256L << 20;
    private const string Member = ",\"checksum\":\"";
    private const string SealMember = "\",\"seal\":\"";
    private const string End = "\"}\n";

    public static string Text(PhaseResult result, ResultKey? key = null)
    {
        var text = TournamentJson.Serialize(result).TrimEnd('\n');
        return $"{text[..^1]}{Member}{Checksum(text)}{(key is null ? "" : SealMember + key.Seal(text))}{End}";
    }

    /// <exception cref="InvalidDataException">It is damaged; a clause that says how.</exception>
    public static (PhaseResult Result, ResultProof Proof) Read(string path, ResultKey key)
    {
        using var file = RegularFile.OpenRead(path, MostBytes);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = reader.ReadToEnd();
        return (Parse(text), key.ProofOf(Split(text).Json, Split(text).Seal));
    }

    /// <inheritdoc cref="Read" path="/exception"/>
    public static PhaseResult Parse(string text)
    {
        if (text.Length == 0) throw new InvalidDataException("it is empty");
        var (json, checksum, _) = Split(text);
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

    private static (string Json, string? Checksum, string? Seal) Split(string text)
    {
        var at = text.LastIndexOf(Member, StringComparison.Ordinal);
        if (at < 0 || !text.EndsWith(End, StringComparison.Ordinal)) return (text, null, null);
        var parts = text[(at + Member.Length)..^End.Length].Split(SealMember);
        return parts.Length > 2 ? (text, null, null) : (text[..at] + "}", parts[0], parts.ElementAtOrDefault(1));
    }

    private static string Checksum(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}
