using System.Diagnostics;
using System.Text;

namespace Titer.View.Tests;

/// <summary>
/// Chromium, driven by the programs in <c>browser</c>. Their packages are installed by npm once, from package-lock.json, into artifacts; where Node,
/// npm's packages or Chromium cannot be had, a test skips and says so.
/// </summary>
internal static class Browser
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly Lazy<string?> Prepared = new(Prepare);

    public static string Folder { get; } = Path.Combine(TestRepository.Root, "artifacts", "browser");

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
        using var node = Process.Start(Start("node", arguments))!;
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

    public static void SkipWithout() => Assert.SkipWhen(Prepared.Value is not null, Prepared.Value ?? "");

    /// <summary>Null when everything is there; else what is not.</summary>
    private static string? Prepare()
    {
        if (Chromium() is null) return "There is no Chromium (apt-get install chromium), or it is not in the path.";
        Directory.CreateDirectory(Folder);
        var (lockFile, installed) = (Path.Combine(Folder, "package-lock.json"), Path.Combine(Folder, "node_modules", "installed"));
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "browser")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        if (File.Exists(installed) && File.ReadAllText(installed) == File.ReadAllText(lockFile)) return null;
        try
        {
            using var npm = Process.Start(Start("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))!;
            var errors = npm.StandardError.ReadToEndAsync();
            _ = npm.StandardOutput.ReadToEndAsync();
            if (!npm.WaitForExit(TimeSpan.FromMinutes(2))) npm.Kill(entireProcessTree: true);
            if (npm.ExitCode != 0) return $"npm cannot install what the browser's checks need: {errors.Result}";
            File.Copy(lockFile, installed, overwrite: true);
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no Node with npm, which drives the browser.";
        }
    }

    private static ProcessStartInfo Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (Chromium() is { } chromium) start.Environment["TITER_CHROMIUM"] = chromium;
        return start;
    }

    private static string? Chromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(f => new[] { Path.Combine(f, "chromium"), Path.Combine(f, "chromium-browser"), Path.Combine(f, "google-chrome") })
        .FirstOrDefault(File.Exists);
}
