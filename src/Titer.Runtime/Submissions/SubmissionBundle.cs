using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Plugins.Trust;
using Titer.Plugins.Watching;

namespace Titer.Runtime.Submissions;

/// <summary>What of a bundle is read at most.</summary>
/// <param name="Bytes">Of the whole of it.</param>
internal sealed record SubmissionLimits(long Bytes)
{
    public static SubmissionLimits Default { get; } = new(64L << 20);
}

/// <summary>
/// What an author hands in, as one file: a line <c>titer submission 1</c>; the length of the
/// statement in decimal, on a line, and its JSON; the same of
/// the signature; then the files that the statement names, one after the other, and nothing behind
/// them. No archive: whoever made it is an enemy until
/// it is read, and there is nothing in it to unpack, to follow or to inflate. The signature is held
/// against the statement before a file is looked at.
/// </summary>
internal sealed record SubmissionBundle(string Sha256, SubmissionStatement Statement, byte[] StatementBytes, byte[] Signature, string Key)
{
    public const string Extension = DropWatch.SubmissionExtension;
    public const string PackageName = "plugin.nupkg";
    public const string TuningName = "tuning.json";
    public const string LockName = "results/run.lock.json";
    public const string Namespace = "titer-submission";
    private const string FirstLine = "titer submission 1";
    private const int MostStatementBytes = 4 << 20;
    private const int MostLengthDigits = 10;

    /// <summary>Writes a bundle, all of it or nothing.</summary>
    /// <param name="files">Where the statement's files lie, in its order.</param>
    public static void Write(string target, byte[] statement, byte[] signature, IEnumerable<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // A name that begins with a dot is nobody's drop.
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var bundle = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                bundle.Write(Encoding.ASCII.GetBytes(FirstLine + "\n"));
                foreach (var part in new[] { statement, signature })
                {
                    bundle.Write(Encoding.ASCII.GetBytes(part.Length.ToString(CultureInfo.InvariantCulture) + "\n"));
                    bundle.Write(part);
                }

                foreach (var file in files)
                {
                    using var content = RegularFile.OpenRead(file, SubmissionLimits.Default.Bytes);
                    content.CopyTo(bundle);
                }

                bundle.Flush(flushToDisk: true);
            }

            ReplacedFile.Commit(temporary, target);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads a bundle, and writes what is in it to a folder.</summary>
    /// <param name="folder">Empty, and the host's own.</param>
    /// <exception cref="FileRefusalException">It is none, or too large, or its signature does not hold.</exception>
    public static SubmissionBundle Read(string file, string folder, SubmissionLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            using var stream = RegularFile.OpenRead(file, limits.Bytes);
            return Read(stream, folder, limits);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused(e is EndOfStreamException ? "it ends too early" : VisibleText.OnOneLine(e.Message, 300), file);
        }
    }

    private static SubmissionBundle Read(Stream stream, string folder, SubmissionLimits limits)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (Line(stream, all, FirstLine.Length) != FirstLine) throw new InvalidDataException("it does not begin as one");
        var statementBytes = Part(stream, all, MostStatementBytes);
        var signature = Part(stream, all, SshSignature.MostBytes);
        var (key, why) = SshSignature.KeyOf(statementBytes, signature, Namespace);
        if (key is null)
            throw new FileRefusalException($"TITER729 The signature of a submission does not hold: {why?.TrimEnd('.')}. Make the bundle with 'titer "
                + "submit --sign KEY', and change nothing of it.");
        var statement = SubmissionStatement.Parse(statementBytes);
        if (statement.Files.Sum(f => (decimal)f.Length) > limits.Bytes) throw new InvalidDataException("its files are larger than it may be");
        foreach (var entry in statement.Files)
        {
            var target = Path.Combine(folder, entry.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Copy(stream, all, target, entry.Length) != entry.Sha256) throw new InvalidDataException($"'{entry.Path}' is not what was signed");
        }

        if (stream.ReadByte() >= 0) throw new InvalidDataException("there is something behind its files");
        return new SubmissionBundle(Convert.ToHexStringLower(all.GetHashAndReset()), statement, statementBytes, signature, key);
    }

    private static byte[] Part(Stream stream, IncrementalHash all, int most)
    {
        if (!int.TryParse(Line(stream, all, MostLengthDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > most)
            throw new InvalidDataException("a part of it has no length, or more than it may");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        all.AppendData(bytes);
        return bytes;
    }

    /// <summary>Without its end.</summary>
    private static string Line(Stream stream, IncrementalHash all, int mostCharacters)
    {
        var line = new StringBuilder();
        for (int read; (read = stream.ReadByte()) != '\n'; line.Append((char)read))
        {
            if (read < 0) throw new EndOfStreamException();
            if (line.Length == mostCharacters) throw new InvalidDataException("a line of it is too long");
        }

        all.AppendData(Encoding.Latin1.GetBytes(line + "\n"));
        return line.ToString();
    }

    /// <returns>SHA-256 of what was copied.</returns>
    private static string Copy(Stream stream, IncrementalHash all, string target, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        for (int read; length > 0; length -= read)
        {
            read = stream.Read(buffer, 0, (int)Math.Min(length, buffer.Length));
            if (read == 0) throw new EndOfStreamException();
            hash.AppendData(buffer, 0, read);
            all.AppendData(buffer, 0, read);
            file.Write(buffer, 0, read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static FileRefusalException Refused(string why, string file) =>
        new($"TITER728 '{file}' is no submission: {why.TrimEnd('.')}. Make it with 'titer submit'.");
}
