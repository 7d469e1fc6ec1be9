using System.Net;
using System.Net.Http.Headers;
using Titer.View.Hosting;

namespace Titer.View.Tests;

/// <summary>The one thing that a page takes in.</summary>
public sealed class SubmissionDoorTests : IDisposable
{
    private readonly SyntheticRun _run = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-door-").FullName;
    private readonly PageToken _token = PageToken.New();
    private readonly List<byte[]> _taken = [];

    [Fact]
    public async Task An_upload_needs_a_token_of_its_own_and_has_a_size()
    {
        await using var page = await Page(new TakenUpload("abc", null));

        Assert.Equal((HttpStatusCode.Unauthorized, "TITER732"), await Send(page, [1], token: null));
        // That of the page lets one look, and hand in nothing.
        Assert.Equal((HttpStatusCode.Unauthorized, "TITER732"), await Send(page, [1], page.Token.Text));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "TITER733"), await Send(page, new byte[101], _token.Text));
        Assert.Equal((HttpStatusCode.LengthRequired, "TITER733"), await Send(page, new byte[50], _token.Text, isChunked: true));
        Assert.Empty(_taken);

        Assert.Equal((HttpStatusCode.Accepted, "{\"bundle"), await Send(page, [1, 2, 3], _token.Text));
        Assert.Equal([1, 2, 3], Assert.Single(_taken));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_is_refused_says_why_and_leaves_nothing()
    {
        await using var page = await Page(new TakenUpload(null, "TITER728 It is no submission."));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "TITER728"), await Send(page, [1], _token.Text));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_page_without_a_door_only_shows()
    {
        await using var page = await OpenPage.Of(_run.Path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await Send(page, [1], page.Token.Text)).Status);
    }

    public void Dispose()
    {
        _run.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<OpenPage> Page(TakenUpload outcome) => OpenPage.Of(new PageOptions([_run.Path])
    {
        Token = PageToken.New(), Port = 0,
        Uploads = new UploadOptions(_token, 100, _folder, file =>
        {
            _taken.Add(File.ReadAllBytes(file));
            return outcome;
        }),
    });

    private static async Task<(HttpStatusCode Status, string Said)> Send(OpenPage page, byte[] content, string? token, bool isChunked = false)
    {
        using var client = page.Stranger();
        using var request =
            new HttpRequestMessage(HttpMethod.Post, new Uri(client.BaseAddress!, SubmissionDoor.Path)) { Content = new ByteArrayContent(content) };
        if (isChunked) request.Headers.TransferEncodingChunked = true;
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text[..Math.Min(8, text.Length)]);
    }
}
