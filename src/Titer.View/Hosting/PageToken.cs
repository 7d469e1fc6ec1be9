using System.Security.Cryptography;
using System.Text;
using Titer.Files;

namespace Titer.View.Hosting;

/// <summary>
/// The secret in the address that is printed. It stays the same for one user, so that a page that is open goes on when the program is started again.
/// </summary>
internal sealed class PageToken
{
    private const int Bytes = 18;
    private const long MostFileBytes = 1024;
    private readonly byte[] _text;

    private PageToken(string text) => (Text, _text) = (text, Encoding.ASCII.GetBytes(text));

    public string Text { get; }

    public static PageToken New() => new(System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <summary>The token that a file keeps, made where there is none; one of this process alone where none can be kept or read.</summary>
    /// <param name="file">Readable by its owner only.</param>
    public static PageToken Of(string file)
    {
        try
        {
            if (RegularFile.KindOf(file) == EntryKind.Missing) FirstWriterWins.Commit(file, New().Text + "\n", isSecret: true);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0) return New();
            var text = Encoding.ASCII.GetString(RegularFile.ReadAllBytes(file, MostFileBytes)).Trim();
            return text.Length >= Bytes && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? new PageToken(text) : New();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // An address that holds for this process is worth as much, until it is started again.
            return New();
        }
    }

    /// <summary>Takes the same time whatever is wrong.</summary>
    public bool Is(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _text);
}
