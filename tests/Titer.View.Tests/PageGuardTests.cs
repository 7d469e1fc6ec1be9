using System.Net;
using Titer.View.Hosting;

namespace Titer.View.Tests;

/// <summary>Who is let in: whoever has the token, asks this program by its name, and is no other site's page.</summary>
public sealed class PageGuardTests : IAsyncLifetime
{
    private readonly SyntheticRun _run = new();
    private OpenPage _page = null!;

    public async ValueTask InitializeAsync() => _page = await OpenPage.Of(_run.Path);

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _run.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("api/board")]
    [InlineData("api/events")]
    [InlineData("web/app.js")]
    [InlineData("?token=wrong")]
    public async Task Without_the_token_nothing_is_answered(string path)
    {
        using var stranger = _page.Stranger();
        var (status, text) = await OpenPage.Ask(stranger, path);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.StartsWith("TITER672 ", text);
    }

    [Fact]
    public async Task The_printed_address_lets_in_and_leaves_a_cookie_that_no_script_and_no_other_site_gets()
    {
        using var stranger = _page.Stranger();
        using var response = await stranger.GetAsync(_page.Host.Url, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
        var (status, _) = await OpenPage.Ask(stranger, "api/board", r => r.Headers.Add("Cookie", cookie.Split(';')[0]));
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task A_site_that_points_its_name_here_is_refused()
    {
        var (status, text) = await OpenPage.Ask(_page.Client, "api/board", r => r.Headers.Host = $"evil.example:{_page.Host.Address.Port}");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.StartsWith("TITER673 ", text);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_page_of_another_site_is_refused_even_with_the_token(string header, string value)
    {
        var (status, text) = await OpenPage.Ask(_page.Client, "api/board", r => r.Headers.Add(header, value));
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.StartsWith("TITER674 ", text);
    }

    [Fact]
    public async Task Its_own_page_is_answered()
    {
        var (status, _) = await OpenPage.Ask(_page.Client, "api/board", r =>
        {
            r.Headers.Add("Origin", _page.Host.Address.GetLeftPart(UriPartial.Authority));
            r.Headers.Add("Sec-Fetch-Site", "same-origin");
        });
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    public async Task Other_names_of_this_machine_are_its_own(string name)
    {
        var (status, _) = await OpenPage.Ask(_page.Client, "api/board", r => r.Headers.Host = $"{name}:{_page.Host.Address.Port}");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task A_name_that_was_given_on_the_command_line_is_its_own()
    {
        await using var page = await OpenPage.Of(new PageOptions([_run.Path]) { Token = PageToken.New(), Port = 0, HostNames = ["board.example"] });
        var (status, _) = await OpenPage.Ask(page.Client, "api/board", r => r.Headers.Host = "board.example");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task It_only_shows()
    {
        using var response = await _page.Client.PostAsync(new Uri(_page.Host.Address, "api/board"), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task The_policy_allows_what_this_program_serves_and_nothing_else()
    {
        using var response = await _page.Client.GetAsync(_page.Host.Address, TestContext.Current.CancellationToken);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        // A module that comes before the map of modules stays broken.
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.InRange(page.IndexOf("importmap", StringComparison.Ordinal), 0, page.IndexOf("modulepreload", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("api/log?phase=../../../etc/passwd")]
    [InlineData("api/answers?phase=..%2F..%2Frun.lock&step=0")]
    [InlineData("web/../../run.lock.json")]
    [InlineData("api/board?run=7")]
    [InlineData("api/cell?defense=nobody&attack=nothing&exposure=in_domain")]
    public async Task What_is_not_there_is_not_found(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await OpenPage.Ask(_page.Client, path)).Status);

    [Fact]
    public async Task A_port_that_another_program_has_is_said()
    {
        var options = new PageOptions([_run.Path]) { Token = PageToken.New(), Port = _page.Host.Address.Port };
        var refused = await Assert.ThrowsAsync<PageException>(() => OpenPage.Of(options));
        Assert.Equal("TITER670", refused.Code);
    }

    [Fact]
    public void The_token_of_a_user_stays_the_same_and_is_nobody_elses()
    {
        var file = Path.Combine(_run.Path, "page.token");
        var token = PageToken.Of(file);
        Assert.True(PageToken.Of(file).Is(token.Text));
        Assert.False(PageToken.New().Is(token.Text));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        // One that others could read is not used.
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        Assert.False(PageToken.Of(file).Is(token.Text));
    }
}
