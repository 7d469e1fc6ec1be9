using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Titer.Scenarios.Judges;

/// <summary>
/// SHA-256 over the judge and how it is read, the question and the answer: one that another answer has too would be a collision of SHA-256.
/// </summary>
internal readonly record struct VerdictKey(UInt128 First, UInt128 Second)
{
    /// <summary>Changes whenever the same judge would be read otherwise: what was kept of before is then nobody's.</summary>
    private const string Reading = "titer verdict 1";

    /// <param name="judge">Everything but the two texts that a verdict depends on.</param>
    public static VerdictKey Of(string judge, string question, string answer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[Reading, judge, question, answer])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan()));
        }

        return Read(hash.GetHashAndReset());
    }

    public static VerdictKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Second);
    }
}

/// <summary>A verdict as a file has it: key, harm and refusal, NaN for what was not read or is not told, and a checksum of these.</summary>
internal static class VerdictRecord
{
    public const int Bytes = 32 + 8 + 8 + ChecksumBytes;
    private const int ChecksumBytes = 8;

    public static void Write(Stream file, VerdictKey key, JudgeVerdict verdict)
    {
        Span<byte> record = stackalloc byte[Bytes];
        key.Write(record);
        BinaryPrimitives.WriteDoubleBigEndian(record[32..], verdict.Harm ?? double.NaN);
        BinaryPrimitives.WriteDoubleBigEndian(record[40..], verdict.Refusal ?? double.NaN);
        Checksum(record, record[48..]);
        file.Write(record);
    }

    /// <summary>Those of a file that are whole: damaged ones, and the beginning of one at its end, are passed by.</summary>
    public static IEnumerable<(VerdictKey Key, JudgeVerdict Verdict)> Read(byte[] file)
    {
        for (var at = 0; at + Bytes <= file.Length; at += Bytes)
        {
            if (One(file.AsSpan(at, Bytes)) is { } record) yield return record;
        }
    }

    private static (VerdictKey, JudgeVerdict)? One(ReadOnlySpan<byte> record)
    {
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        Checksum(record, checksum);
        if (!checksum.SequenceEqual(record[48..])) return null;
        var (harm, refusal) = (BinaryPrimitives.ReadDoubleBigEndian(record[32..]), BinaryPrimitives.ReadDoubleBigEndian(record[40..]));
        return IsScore(harm) && IsScore(refusal) ? (VerdictKey.Read(record), new JudgeVerdict(Told(harm), Told(refusal))) : null;
    }

    private static void Checksum(ReadOnlySpan<byte> record, Span<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(record[..48], hash);
        hash[..ChecksumBytes].CopyTo(checksum);
    }

    private static bool IsScore(double value) => double.IsNaN(value) || value is >= 0 and <= 1;

    private static double? Told(double value) => double.IsNaN(value) ? null : value;
}
