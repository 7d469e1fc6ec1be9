using System.Net;
using System.Net.Sockets;
using System.Text;
using Titer.Runtime.Configuration;

namespace Titer.Cli.Tests;

/// <summary>What is sent to a league's page, and what is made of its answer.</summary>
public sealed class SubmitCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-submit-").FullName;

    [Theory]
    [InlineData("HTTP/1.1 202 Accepted", "{}", null)]
    [InlineData("HTTP/1.1 422 Unprocessable", "TITER730 The author has handed in enough.", "TITER730")]
    public async Task A_bundle_goes_to_the_page_with_its_token_and_a_refusal_comes_back(string status, string answer, string? code)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = HearAsync(listener, $"{status}\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}");
        var bundle = Path.Combine(_folder, "bundle");
        await File.WriteAllTextAsync(bundle, "the whole of it", TestContext.Current.CancellationToken);
        var page = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/?token=of-the-page");

        var sent = Commands.SubmitCommand.SentAsync(bundle, page, "secret", TestContext.Current.CancellationToken);

        if (code is null) await sent;
        else Assert.Contains(code, (await Assert.ThrowsAsync<ConfigurationException>(() => sent)).Message, StringComparison.Ordinal);
        var request = await heard;
        Assert.StartsWith("POST /api/submissions HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer secret\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("the whole of it", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_does_not_answer_is_named()
    {
        var bundle = Path.Combine(_folder, "bundle");
        await File.WriteAllTextAsync(bundle, "it", TestContext.Current.CancellationToken);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() =>
            Commands.SubmitCommand.SentAsync(bundle, new Uri($"http://127.0.0.1:{port}/"), null, TestContext.Current.CancellationToken));

        Assert.Contains("TITER734", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> HearAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        while (!heard.ToString().EndsWith("the whole of it", StringComparison.Ordinal))
            heard.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        return heard.ToString();
    }
}
