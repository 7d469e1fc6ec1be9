using System.Net;

namespace Titer.View.Hosting;

/// <summary>What a page is opened with.</summary>
/// <param name="Folders">Results folders, or boards of them; the first one is shown, the others can be compared with it.</param>
internal sealed record PageOptions(IReadOnlyList<string> Folders)
{
    public const int DefaultPort = 7575;

    /// <summary>Where it listens. Everything but the loopback is open to others.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Other names by which a proxy or the network knows this machine: host names without a port.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>What a browser must know to see anything.</summary>
    public required PageToken Token { get; init; }

    /// <summary>What is taken in beside; null only shows.</summary>
    public UploadOptions? Uploads { get; init; }

    /// <summary>How often the folder is looked at where nobody says that there is something new.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);
}
