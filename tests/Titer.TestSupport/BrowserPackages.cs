using System.Diagnostics;

namespace Titer.TestSupport;

/// <summary>
/// Chromium, and the programs in <c>browser</c> that drive it. Their packages are installed by npm once, from package-lock.json, into artifacts.
/// </summary>
internal static class BrowserPackages
{
    private static readonly Lazy<string?> Prepared = new(Prepare);

    /// <summary>Where the programs and their packages lie.</summary>
    public static string Folder { get; } = Path.Combine(TestRepository.Root, "artifacts", "browser");

    /// <summary>Null when everything is there; else what is not.</summary>
    public static string? Missing => Prepared.Value;

    /// <summary>A program in that folder, which is told where Chromium is; its streams are read.</summary>
    public static ProcessStartInfo Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (Chromium() is { } chromium) start.Environment["TITER_CHROMIUM"] = chromium;
        return start;
    }

    private static string? Prepare()
    {
        if (Chromium() is null) return "There is no Chromium (apt-get install chromium), or it is not in the path.";
        Directory.CreateDirectory(Folder);
        using var alone = Hold();
        var (lockFile, installed) = (Path.Combine(Folder, "package-lock.json"), Path.Combine(Folder, "node_modules", "installed"));
        foreach (var file in Directory.GetFiles(Path.Combine(TestRepository.Root, "tests", "Titer.TestSupport", "browser")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        if (File.Exists(installed) && File.ReadAllText(installed) == File.ReadAllText(lockFile)) return null;
        try
        {
            using var npm = Process.Start(Start("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"))!;
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

    /// <summary>Test projects run at the same time, and one of them installs.</summary>
    private static FileStream Hold()
    {
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, ".preparing"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Sleep(100);
            }
        }
    }

    private static string? Chromium() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(f => new[] { Path.Combine(f, "chromium"), Path.Combine(f, "chromium-browser"), Path.Combine(f, "google-chrome") })
        .FirstOrDefault(File.Exists);
}
