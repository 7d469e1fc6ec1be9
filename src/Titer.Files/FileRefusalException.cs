using Titer.Files.Codes;

namespace Titer.Files;

/// <summary>
/// A file or folder cannot be used, and the message says with its code what helps; any other <see cref="IOException"/> is the system's.
/// </summary>
public sealed class FileRefusalException(string message, Exception? inner = null) : IOException(message, inner), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}
