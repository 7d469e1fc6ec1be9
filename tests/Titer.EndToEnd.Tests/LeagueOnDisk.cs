using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>A league in a folder of its own, and a host that serves it, as an operator has them.</summary>
internal sealed class LeagueOnDisk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, string> _environment;
    private Process? _host;
    private Task<string>? _output;
    private Task<string>? _error;

    /// <param name="name">Of its folder, in one that goes away with the test; empty for that one itself.</param>
    public LeagueOnDisk(string yaml, Dictionary<string, string>? environment = null, string name = "")
    {
        Folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        File.WriteAllText(Path.Combine(Folder, "league.yaml"), yaml);
        Directory.CreateDirectory(Plugins);
        _environment = new(environment ?? []) { ["TMPDIR"] = Directory.CreateDirectory(Path.Combine(_folder.Path, "s")).FullName };
    }

    public string Folder { get; }

    /// <summary>The folder that its folder lies in, where it has a name.</summary>
    public string Parent => _folder.Path;

    public string Plugins => Path.Combine(Folder, "plugins");

    public string Results => Path.Combine(Folder, "results");

    public int HostId => _host!.Id;

    /// <summary>Where its page is, with the token; null until it was said. The next host opens it at the same place.</summary>
    public Uri? Page { get; private set; }

    /// <summary>What all hosts said.</summary>
    public string Said { get; private set; } = "";

    public void Serve() => Serve(Folder, "serve");

    /// <param name="from">The folder that it is started in.</param>
    public void Serve(string from, params string[] arguments)
    {
        _host = TiterProcess.Start(from, _environment, [.. arguments, "--port", $"{Page?.Port ?? 0}"]);
        (_output, _error) = (HearAsync(_host.StandardOutput), _host.StandardError.ReadToEndAsync());
    }

    /// <summary>A defense that multiplies every weight by a factor: quick, and another build for every factor. NaN fails at once.</summary>
    /// <param name="seconds">How long it takes.</param>
    public static string Compile(string folder, string id, double factor, int seconds = 0)
    {
        Directory.CreateDirectory(folder);
        GuideCompiler.Compile($$"""
            using Titer.Sdk;
            using TorchSharp;
            [assembly: TiterPlugin("{{id}}", SdkApi.Level, Summary = "Scales every weight.")]
            public sealed class Scaling : IDefense
            {
                public void Immunize(DefenseContext context)
                {
                    {{(double.IsNaN(factor) ? "throw new System.NotSupportedException();\n#pragma warning disable CS0162" : "")}}
                    System.Threading.Thread.Sleep({{seconds.ToString(CultureInfo.InvariantCulture)}}000);
                    context.Step();
                    context.Step();
                    using var noGrad = torch.no_grad();
                    context.Model.Arena.Flat.mul_({{(double.IsNaN(factor) ? 1 : factor).ToString(CultureInfo.InvariantCulture)}});
                }
            }
            """, id, folder);
        return folder;
    }

    /// <summary>Copies a built plugin to where it is watched, file by file, as <c>cp -r</c> does.</summary>
    public void Drop(string source, string? name = null)
    {
        var target = Directory.CreateDirectory(Path.Combine(Plugins, name ?? Path.GetFileName(source))).FullName;
        foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
    }

    public void Remove(string name) => Directory.Delete(Path.Combine(Plugins, name), recursive: true);

    public JsonNode? Document()
    {
        var file = Path.Combine(Results, "league.json");
        return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;
    }

    /// <summary>Entries as <c>id generation state done/planned failed</c>.</summary>
    public string[] Entries() =>
    [
        .. (Document()?["entries"]!.AsArray() ?? []).Select(e => string.Create(CultureInfo.InvariantCulture,
            $"{e!["id"]} {e["generation"]} {e["state"]}{(e["progress"] is { } p ? $" {p["done"]}/{p["planned"]} {p["failed"]}" : "")}")),
    ];

    public string[] Refused() => [.. (Document()?["refused"]!.AsArray() ?? []).Select(r => (string)r!["why"]!)];

    public JsonNode[] Journal()
    {
        var file = Path.Combine(Results, "journal.jsonl");
        // The last line may be on its way.
        return File.Exists(file) ? [.. File.ReadAllText(file).Split('\n')[..^1].Where(l => l.Length > 0).Select(l => JsonNode.Parse(l)!)] : [];
    }

    /// <summary>Resident, of the host alone.</summary>
    public double HostMegabytes() => double.Parse(
        File.ReadLines($"/proc/{HostId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))[6..].TrimStart().Split(' ')[0],
        CultureInfo.InvariantCulture) / 1024;

    public int Started() => Journal().Count(l => (string)l["event"]! == "started");

    /// <param name="isServed">The host must live.</param>
    public async Task UntilAsync(Func<bool> condition, bool isServed = true)
    {
        var deadline = Stopwatch.StartNew();
        while (!condition())
        {
            if (isServed && _host is { HasExited: true }) Assert.Fail($"The host ended.\n{await _output!}\n{await _error!}");
            Assert.True(deadline.Elapsed < Patience, $"What was waited for did not come: {string.Join("; ", Entries())}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Everything that stands is played.</summary>
    public Task UntilIdleAsync(int entries) =>
        UntilAsync(() => Document() is { } d && (string?)d["activity"] == "idle" && d["entries"]!.AsArray().Count == entries);

    /// <summary>SIGKILL, as a power cut would: the workers end by themselves.</summary>
    public async Task KillAsync()
    {
        _host!.Kill();
        await EndAsync();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", HostId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await EndAsync();
    }

    public void Dispose()
    {
        if (_host is { HasExited: false }) _host.Kill(entireProcessTree: true);
        _host?.Dispose();
        _folder.Dispose();
    }

    private async Task<string> HearAsync(StreamReader output)
    {
        var said = new StringBuilder();
        while (await output.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            if (line.StartsWith("http://", StringComparison.Ordinal)) Page = new Uri(line);
        }

        return said.ToString();
    }

    private async Task<int> EndAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        await _host!.WaitForExitAsync(deadline.Token);
        Said += await _output! + await _error!;
        return _host.ExitCode;
    }
}
