using Titer.Files.Codes;

namespace Titer.View.Hosting;

/// <summary>A page cannot be opened; the message says with its code what helps.</summary>
internal sealed class PageException(string message, Exception? inner = null) : Exception(message, inner), ICoded
{
    public string Code { get; } = MessageCode.Of(message);
}
