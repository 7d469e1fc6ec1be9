using System.Diagnostics;
using System.Text;

namespace Titer.TestSupport;

/// <summary>Checks of a page in Chromium; where that cannot be had, a test skips and says so.</summary>
internal static class Browser
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    public static string Folder => BrowserPackages.Folder;

    /// <summary>Runs a check to its end.</summary>
    /// <param name="heard">Is told every line that it says while it runs.</param>
    /// <returns>What it said.</returns>
    public static async Task<string> Check(string name, string address, string more = "", Func<string, Task>? heard = null)
    {
        SkipWithout();
        return await Node(["check.mjs", name, address, more], heard);
    }

    /// <summary>Runs a program of Node in the folder of the packages.</summary>
    public static async Task<string> Node(string[] arguments, Func<string, Task>? heard = null)
    {
        using var node = Process.Start(BrowserPackages.Start("node", arguments))!;
        node.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var errors = node.StandardError.ReadToEndAsync(patience.Token);
            var said = new StringBuilder();
            while (await node.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                said.AppendLine(line);
                if (heard is not null) await heard(line);
            }

            await node.WaitForExitAsync(patience.Token);
            Assert.True(node.ExitCode == 0, $"{said}{await errors}");
            return said.ToString();
        }
        finally
        {
            if (!node.HasExited) node.Kill(entireProcessTree: true);
        }
    }

    public static void SkipWithout() => Assert.SkipWhen(BrowserPackages.Missing is not null, BrowserPackages.Missing ?? "");
}
