using System.Net;
using Titer.View.Hosting;

namespace Titer.View.Tests;

/// <summary>A page on a port of its own, and a client that is let in.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private OpenPage(PageHost host, PageToken token)
    {
        (Host, Token) = (host, token);
        Client = Stranger();
        Client.DefaultRequestHeaders.Authorization = new("Bearer", token.Text);
    }

    public PageHost Host { get; }

    public PageToken Token { get; }

    public HttpClient Client { get; }

    /// <summary>Nobody that the page knows.</summary>
    public HttpClient Stranger() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Host.Address };

    public static async Task<OpenPage> Of(params string[] folders) => await Of(new PageOptions(folders) { Token = PageToken.New(), Port = 0 });

    public static async Task<OpenPage> Of(PageOptions options)
    {
        options = options with { LookEvery = TimeSpan.FromMilliseconds(50) };
        return new OpenPage(await PageHost.StartAsync(options, null, TimeProvider.System, TestContext.Current.CancellationToken), options.Token);
    }

    public async Task<string> Get(string path) => await Client.GetStringAsync(new Uri(Host.Address, path), TestContext.Current.CancellationToken);

    /// <summary>What a path comes to, asked by whoever asks.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> Ask(HttpClient client, string path, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(client.BaseAddress!, path));
        with?.Invoke(request);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }
}
