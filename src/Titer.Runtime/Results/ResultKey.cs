using System.Security.Cryptography;
using System.Text;
using Titer.Files;

namespace Titer.Runtime.Results;

/// <summary>Whether a stored result can be laid to this host.</summary>
internal enum ResultProof
{
    /// <summary>It carries the seal of this host's key.</summary>
    Sealed,

    /// <summary>It carries none, or another host's: nobody here vouches for it.</summary>
    Unknown,

    /// <summary>It names this host's key, and is not what was sealed with it.</summary>
    Forged,
}

/// <summary>
/// The host's secret, with which it seals results (HMAC-SHA-256): what a plugin, or anybody who has not read it, wrote into a results folder is told
/// from what this host measured. A file that only the operator can read, outside of everything that a sandboxed worker sees.
/// </summary>
internal sealed class ResultKey
{
    private const int KeyBytes = 32;
    private const int NameDigits = 16;

    internal const int SealLength = HMACSHA256.HashSizeInBytes;
    private const long MostFileBytes = 1024;
    private readonly byte[] _key;

    private ResultKey(byte[] key) => (_key, Name) = (key, Convert.ToHexStringLower(SHA256.HashData([.. "titer results "u8, .. key]))[..NameDigits]);

    /// <summary>Says which key it is, and nothing of it.</summary>
    internal string Name { get; }

    /// <summary>Reads the key, or makes it where there is none.</summary>
    /// <exception cref="FileRefusalException">It cannot be read or made, or others can read it.</exception>
    public static ResultKey Of(string file)
    {
        try
        {
            if (RegularFile.KindOf(file) == EntryKind.Missing)
                FirstWriterWins.Commit(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n", isSecret: true);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
                throw new FileRefusalException($"TITER235 {file} can be read by others than you, and with it results can be forged. Take their "
                    + "rights away (chmod 600), or remove it: a new key is made, and phases are played again.");
            return new ResultKey(Parse(RegularFile.ReadAllBytes(file, MostFileBytes)));
        }
        catch (Exception e) when (e is not FileRefusalException
            and (IOException or UnauthorizedAccessException or InvalidDataException or FormatException))
        {
            throw new FileRefusalException($"TITER235 The key that results are sealed with cannot be read or made: {file}: {e.Message} Set "
                + "TITER_HOME to a folder that you can write to, or remove the file: a new key is made.", e);
        }
    }

    /// <summary>The key of a run: where none can be kept, one that lives as long as this process.</summary>
    /// <param name="say">Is told when none can be kept: a later run of the folder plays again what this one did.</param>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static ResultKey OfRun(string file, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        try
        {
            return Of(file);
        }
        catch (FileRefusalException e) when (RegularFile.KindOf(file) == EntryKind.Missing)
        {
            say($"{e.Message} Until then results are sealed with a key of this run alone, and another run plays them again.");
            return OfThisProcess();
        }
    }

    /// <summary>The key, where there is one: to read, none is made.</summary>
    public static ResultKey? Find(string file) => RegularFile.KindOf(file) == EntryKind.Missing ? null : Of(file);

    /// <summary>A key that no file holds: results of this process alone.</summary>
    internal static ResultKey OfThisProcess() => new(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>What is written beside a result, whose JSON this is in UTF-8.</summary>
    internal string Seal(ReadOnlySpan<byte> json) => $"{Name}:{Convert.ToHexStringLower(SealBytes(json))}";

    /// <summary>The seal alone, of <see cref="SealLength"/> bytes; what is sealed says itself what it is.</summary>
    internal byte[] SealBytes(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content);

    /// <summary>Whether these bytes were sealed with this key.</summary>
    internal bool IsSealOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> seal) => CryptographicOperations.FixedTimeEquals(seal, SealBytes(content));

    internal ResultProof ProofOf(ReadOnlySpan<byte> json, string? seal) =>
        seal is null || !seal.StartsWith(Name + ":", StringComparison.Ordinal) ? ResultProof.Unknown
        : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(seal), Encoding.UTF8.GetBytes(Seal(json))) ? ResultProof.Sealed
        : ResultProof.Forged;

    private static byte[] Parse(byte[] text) => Convert.FromHexString(Encoding.ASCII.GetString(text).Trim()) is { Length: KeyBytes } key ? key
        : throw new InvalidDataException("it is no key");
}
