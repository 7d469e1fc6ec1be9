using Titer.Cli.Commands;
using Titer.Files.Codes;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Cli.Tests;

public sealed class ViewCommandTests
{
    [Fact]
    public async Task An_address_to_listen_on_is_an_IP_address()
    {
        var view = new ViewCommand(new TiterHome(Path.GetTempPath())).Build();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => view.Parse(["results", "--listen", "board.example"])
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));
        Assert.Equal("TITER671", Assert.IsAssignableFrom<ICoded>(refused).Code);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("65536")]
    public void A_port_is_one(string port) =>
        Assert.Contains(new ViewCommand(new TiterHome(Path.GetTempPath())).Build().Parse(["--port", port]).Errors,
            e => e.Message.StartsWith("TITER610 ", StringComparison.Ordinal));
}
