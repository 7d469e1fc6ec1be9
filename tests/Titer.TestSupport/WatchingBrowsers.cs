using System.Diagnostics;
using System.Text.Json;

namespace Titer.TestSupport;

/// <summary>
/// Browsers that stay open on a page while a test goes on, and are asked what they show (<c>browser/watch.mjs</c>): wide, narrow and dark, and on
/// the page of the run. Each must show it without being loaded again, and without an error.
/// </summary>
internal sealed class WatchingBrowsers : IDisposable
{
    public const int Most = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly Process _node;
    private readonly Task<string> _errors;

    private WatchingBrowsers(Process node) => (_node, _errors) = (node, node.StandardError.ReadToEndAsync());

    /// <param name="address">With its token.</param>
    /// <param name="isHostKilled">The page is told that nobody answers, which a browser notes as an error of the network.</param>
    public static async Task<WatchingBrowsers> OpenAsync(Uri address, int count, bool isHostKilled)
    {
        Browser.SkipWithout();
        var node = Process.Start(BrowserPackages.Start("node", "watch.mjs", address.ToString(), $"{count}", isHostKilled ? "killed" : ""))!;
        var browsers = new WatchingBrowsers(node);
        Assert.Equal("open", (await browsers.HearAsync()).GetString());
        return browsers;
    }

    /// <summary>Waits until all of them have these rows and no others, in any order.</summary>
    public Task UntilRowsAsync(params string[] defenses) => AskAsync("rows", defenses);

    /// <summary>Waits until the one that looks at the run shows a text; of one browser, that one.</summary>
    public Task UntilRunSaysAsync(string text) => AskAsync("run", text);

    /// <summary>Closes them.</summary>
    /// <returns>Of each what its leaderboard shows: of every row rank, defense, titer and its marks.</returns>
    public async Task<string[][]> CloseAsync()
    {
        var shown = await AskAsync("close");
        await _node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(_node.ExitCode == 0, await _errors);
        return [.. shown.EnumerateArray().Select(page => page.EnumerateArray().Select(row => row.GetString()!).ToArray())];
    }

    public void Dispose()
    {
        if (!_node.HasExited) _node.Kill(entireProcessTree: true);
        _node.Dispose();
    }

    private async Task<JsonElement> AskAsync(string what, params string[] more)
    {
        await _node.StandardInput.WriteLineAsync(JsonSerializer.Serialize<string[]>([what, .. more]));
        await _node.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        return await HearAsync();
    }

    private async Task<JsonElement> HearAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        if (await _node.StandardOutput.ReadLineAsync(patience.Token) is { } line) return JsonSerializer.Deserialize<JsonElement>(line);
        Assert.Fail($"The browsers ended. {await _errors}");
        return default;
    }
}
