using System.Diagnostics;
using System.Net.Sockets;
using Titer.Files;
using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>A plugin's folder holds regular files and folders only; nothing else in it is opened.</summary>
public sealed class PlainFolderTests : IDisposable
{
    private static readonly PluginGate Gate = new();

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data.pipe")]
    [InlineData("Helper.dll")]
    [InlineData("runtimes/linux-x64/native/libx.so")]
    public void A_pipe_in_a_plugin_folder_refuses_the_plugin_and_nobody_waits_for_it(string name)
    {
        var plugin = _folder.CopyOf("GoodDefense", "piped");
        Run("mkfifo", Sub(plugin, name));

        Refused(plugin, $"holds '{name}', which is a pipe");
        Refused(Path.Combine(plugin, "GoodDefense.dll"), $"holds '{name}', which is a pipe");
    }

    [Fact]
    public void A_pipe_in_the_place_of_the_plugins_own_dll_is_not_waited_for()
    {
        var plugin = _folder.CopyOf("GoodDefense", "itself");
        File.Delete(Path.Combine(plugin, "GoodDefense.dll"));
        Run("mkfifo", Path.Combine(plugin, "GoodDefense.dll"));
        Refused(Path.Combine(plugin, "GoodDefense.dll"), "is a pipe");
    }

    [Fact]
    public void A_socket_is_refused_like_a_pipe()
    {
        var plugin = _folder.CopyOf("GoodDefense", "s");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var place = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}"[..12]);
        socket.Bind(new UnixDomainSocketEndPoint(place));
        File.Move(place, Path.Combine(plugin, "s"));
        Refused(plugin, "holds 's', which is a pipe, a socket");
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/etc/hostname")]
    [InlineData("GoodDefense.deps.json")]
    [InlineData("nowhere")]
    public void A_link_in_a_plugin_folder_is_refused_wherever_it_leads(string target)
    {
        var plugin = _folder.CopyOf("GoodDefense", "linked");
        File.CreateSymbolicLink(Path.Combine(plugin, "data.bin"), target);
        Assert.Contains("cp -rL", Refused(plugin, "holds the link 'data.bin'").Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_the_folder_above_does_not_lead_round()
    {
        var plugin = _folder.CopyOf("GoodDefense", "round");
        Directory.CreateSymbolicLink(Path.Combine(plugin, "again"), "..");
        Refused(plugin, "holds the link 'again'");
    }

    [Fact]
    public void The_plugin_folder_itself_may_be_a_link()
    {
        var link = Path.Combine(_folder.Sub("links"), "good");
        Directory.CreateSymbolicLink(link, FixtureFolder.Of("GoodDefense"));
        Assert.True(Gate.Inspect(link).IsAccepted);
    }

    [Fact]
    public void A_folder_that_is_too_large_is_refused_before_it_is_read()
    {
        var plugin = _folder.CopyOf("GoodDefense", "large");
        // Sparse: none of it is on the disk.
        using (var file = File.Create(Path.Combine(plugin, "weights.bin"))) file.SetLength(2L << 30);
        Refused(plugin, "more than 10000 files or 1024 MB");
    }

    [Fact]
    public void What_became_a_link_after_the_gate_is_not_copied()
    {
        var plugin = _folder.CopyOf("GoodDefense", "later");
        var accepted = Gate.Inspect(plugin).Plugin!;
        File.CreateSymbolicLink(Path.Combine(plugin, "later.bin"), "/dev/zero");

        using var root = PluginRoot.Create();
        Assert.False(PluginGeneration.TryLoad(root, accepted, _folder.Sub("shadow"), out _, out var problem));
        Assert.Contains("link 'later.bin'", problem.Fact, StringComparison.Ordinal);
        Assert.Throws<PlainFolderException>(() => ContentHash.OfFolder(plugin));
    }

    private static PluginProblem Refused(string path, string fact)
    {
        var verdict = Gate.Inspect(path);
        var problem = Assert.Single(verdict.Errors);
        Assert.Equal(PluginProblemCode.FolderNotPlain, problem.Code);
        Assert.Contains(fact, problem.Fact, StringComparison.Ordinal);
        return problem;
    }

    private static string Sub(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    private static void Run(string program, string argument)
    {
        using var process = Process.Start(program, [argument]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
