using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Titer.Files;

/// <summary>What a name in a folder stands for; links are not followed.</summary>
public enum EntryKind
{
    /// <summary>Gone, or out of reach.</summary>
    Missing,
    File,
    Folder,
    Link,

    /// <summary>A pipe, socket or device.</summary>
    Other,
}

/// <summary>
/// Opens files that somebody else may have put there: never a link, never a pipe or device, and without waiting for anybody. What a path names
/// may change between a look and an opening, so the look is at what was opened.
/// </summary>
public static partial class RegularFile
{
    private const int NonBlocking = 0x800;
    private const int NoFollow = 0x20000;
    private const int CloseOnExec = 0x80000;
    private const int EmptyPath = 0x1000;
    private const uint TypeMask = 1;
    private const int TypeAndMode = 28;
    private const uint BlocksMask = 0x400;
    private const int Blocks = 48;
    private const int BlockBytes = 512;
    private const uint StampMask = 0x340;
    private const uint ChangeMask = 0x3C1;
    private const int Inode = 32;
    private const int Size = 40;
    private const int Changed = 96;
    private const int Modified = 112;
    private const int ModifiedNanoseconds = 120;
    private const int Device = 136;
    private const int KindBits = 0xF000;
    private const int FolderKind = 0x4000;
    private const int RegularKind = 0x8000;
    private const int LinkKind = 0xA000;
    private const int NoFollowStatus = 0x100;
    private const int CurrentFolder = -100;
    private const int TooManyLinks = 40;
    private const int BufferBytes = 1 << 16;
    private const int CopyBytes = 1 << 20;

    /// <exception cref="InvalidDataException">It is no regular file, or larger than <paramref
    /// name="mostBytes"/>; a clause for the middle of a sentence.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileStream OpenRead(string path, long mostBytes)
    {
        var (handle, _) = Open(path, mostBytes);
        return new FileStream(handle, FileAccess.Read, BufferBytes);
    }

    /// <summary>What a path names, without opening it.</summary>
    public static EntryKind KindOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return new FileInfo(path).LinkTarget is not null ? EntryKind.Link
                : File.Exists(path) ? EntryKind.File
                : Directory.Exists(path) ? EntryKind.Folder : EntryKind.Missing;
        }

        return ModeOf(CurrentFolder, path, NoFollowStatus) switch
        {
            null => EntryKind.Missing,
            RegularKind => EntryKind.File,
            FolderKind => EntryKind.Folder,
            LinkKind => EntryKind.Link,
            _ => EntryKind.Other,
        };
    }

    /// <summary>What a file takes of the disk, links followed; 0 where that is not known.</summary>
    public static long BytesOnDisk(string path)
    {
        Span<byte> status = stackalloc byte[256];
        return OperatingSystem.IsLinux() && Status(CurrentFolder, path, 0, BlocksMask, ref MemoryMarshal.GetReference(status)) == 0
            ? BinaryPrimitives.ReadInt64LittleEndian(status[Blocks..]) * BlockBytes
            : 0;
    }

    /// <summary>
    /// Differs when what a path names was written or replaced, links followed: device, inode, length and time of writing. Who sets the time back
    /// is not seen: for knowing what need not be read again, never for what must not have changed.
    /// </summary>
    public static string StampOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return new FileInfo(path) is { Exists: true } file
                ? FormattableString.Invariant($"{file.Length} {file.LastWriteTimeUtc.Ticks}")
                : "none";
        Span<byte> status = stackalloc byte[256];
        if (Status(CurrentFolder, path, 0, StampMask, ref MemoryMarshal.GetReference(status)) != 0) return "none";
        return FormattableString.Invariant($"{BinaryPrimitives.ReadInt64LittleEndian(status[Device..])} ")
            + FormattableString.Invariant($"{BinaryPrimitives.ReadInt64LittleEndian(status[Inode..])} ")
            + FormattableString.Invariant($"{BinaryPrimitives.ReadInt64LittleEndian(status[Size..])} ")
            + FormattableString.Invariant($"{BinaryPrimitives.ReadInt64LittleEndian(status[Modified..])}.")
            + FormattableString.Invariant($"{BinaryPrimitives.ReadUInt32LittleEndian(status[ModifiedNanoseconds..])}");
    }

    /// <summary>What a later look tells a change by; null where there is no regular file of that name, or on another system than Linux.</summary>
    public static ChangeStamp? ChangeOf(string path)
    {
        Span<byte> status = stackalloc byte[256];
        if (!OperatingSystem.IsLinux() || Status(CurrentFolder, path, NoFollowStatus, ChangeMask, ref MemoryMarshal.GetReference(status)) != 0
            || (BinaryPrimitives.ReadUInt16LittleEndian(status[TypeAndMode..]) & KindBits) != RegularKind) return null;
        return new ChangeStamp(BinaryPrimitives.ReadInt64LittleEndian(status[Inode..]), BinaryPrimitives.ReadInt64LittleEndian(status[Size..]),
            Nanoseconds(status[Modified..]), Nanoseconds(status[Changed..]));
    }

    /// <summary>Seconds since 1970, and behind them nanoseconds.</summary>
    private static long Nanoseconds(ReadOnlySpan<byte> time) =>
        BinaryPrimitives.ReadInt64LittleEndian(time) * 1_000_000_000 + BinaryPrimitives.ReadUInt32LittleEndian(time[8..]);

    /// <summary>The whole file.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static byte[] ReadAllBytes(string path, long mostBytes)
    {
        var (handle, length) = Open(path, mostBytes);
        using var file = handle;
        var bytes = new byte[length];
        Fill(file, bytes, path);
        return bytes;
    }

    /// <summary>The whole file, in memory that is lent for the call: where many are read, nothing has to be cleared and collected.</summary>
    /// <param name="read">Keeps nothing of the bytes, and may change them.</param>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static T Read<T>(string path, int mostBytes, Func<Memory<byte>, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var (handle, length) = Open(path, mostBytes);
        using var file = handle;
        var lent = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            var bytes = lent.AsMemory(0, (int)length);
            Fill(file, bytes.Span, path);
            return read(bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lent);
        }
    }

    /// <summary>Copies a file to a new one and returns its SHA-256, in lower-case hexadecimal digits.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static string CopyTo(string source, string target, long mostBytes)
    {
        using var from = OpenRead(source, mostBytes);
        using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[CopyBytes];
        var left = mostBytes;
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            // A process that still runs may go on writing.
            if ((left -= read) < 0) throw new InvalidDataException($"it grew beyond the {mostBytes} bytes that it may have");
            hash.AppendData(buffer, 0, read);
            to.Write(buffer, 0, read);
        }

        to.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 in lower-case hexadecimal digits; null when there is no such regular file.</summary>
    public static string? HashOf(string path)
    {
        try
        {
            using var file = OpenRead(path, long.MaxValue);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or InvalidDataException)
        {
            return null;
        }
    }

    // Without a stream, which asks the system three times more and has a buffer that is larger than most files here.
    private static void Fill(SafeFileHandle file, Span<byte> bytes, string path)
    {
        for (var (read, at) = (0, 0); at < bytes.Length; at += read)
        {
            read = RandomAccess.Read(file, bytes[at..], at);
            if (read == 0) throw new EndOfStreamException($"{path}: it became shorter while it was read.");
        }
    }

    private static (SafeFileHandle Handle, long Bytes) Open(string path, long mostBytes)
    {
        var handle = OperatingSystem.IsLinux() ? OpenOnLinux(path) : File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        if (length <= mostBytes) return (handle, length);
        handle.Dispose();
        throw new InvalidDataException($"it has {length} bytes, more than the {mostBytes} that it may have");
    }

    private static SafeFileHandle OpenOnLinux(string path)
    {
        var descriptor = OpenFile(path, NonBlocking | NoFollow | CloseOnExec, 0);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            var text = Marshal.GetPInvokeErrorMessage(error);
            throw error switch
            {
                2 => new FileNotFoundException($"{path}: {text}.", path),
                20 => new DirectoryNotFoundException($"{path}: {text}."),
                TooManyLinks => new InvalidDataException("it is a link"),
                13 => new UnauthorizedAccessException($"{path}: {text}."),
                _ => new IOException($"{path}: {text}."),
            };
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (IsRegular(descriptor)) return handle;
        handle.Dispose();
        throw new InvalidDataException("it is no regular file");
    }

    private static bool IsRegular(int descriptor) => ModeOf(descriptor, "", EmptyPath) == RegularKind;

    private static int? ModeOf(int descriptor, string path, int flags)
    {
        Span<byte> status = stackalloc byte[256];
        return Status(descriptor, path, flags, TypeMask, ref MemoryMarshal.GetReference(status)) == 0
            ? BinaryPrimitives.ReadUInt16LittleEndian(status[TypeAndMode..]) & KindBits
            : null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int descriptor, string path, int flags, uint mask, ref byte status);
}
