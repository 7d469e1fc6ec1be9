using System.Globalization;

namespace Titer.EndToEnd.Tests;

/// <summary>Which files a process and all that it started have mapped or open, as Linux tells it.</summary>
internal static class HeldFiles
{
    /// <returns>Paths as each process knows them: one behind walls has other folders.</returns>
    public static IEnumerable<string> Of(int process) => Tree(process).SelectMany(Files).Distinct();

    private static IEnumerable<int> Tree(int process) => Try(() => Directory.GetDirectories($"/proc/{process}/task"), [])
        .SelectMany(t => Try(() => File.ReadAllText(Path.Combine(t, "children")), "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .SelectMany(child => Tree(int.Parse(child, CultureInfo.InvariantCulture))).Prepend(process);

    private static IEnumerable<string> Files(int process) =>
    [
        .. Try(() => File.ReadAllLines($"/proc/{process}/maps"), []).Select(l => l.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l.Length == 6).Select(l => l[5]),
        .. Try(() => Directory.GetFiles($"/proc/{process}/fd"), []).Select(f => Try(() => new FileInfo(f).LinkTarget, null)).OfType<string>(),
    ];

    /// <summary>A process ends while it is looked at.</summary>
    private static T Try<T>(Func<T> look, T gone)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return gone;
        }
    }
}
