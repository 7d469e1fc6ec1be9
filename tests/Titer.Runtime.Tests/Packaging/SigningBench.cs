using System.Diagnostics;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Trust;
using Titer.Runtime.Configuration;

namespace Titer.Runtime.Tests.Packaging;

/// <summary>Keys of two authors, made by ssh-keygen, a signers' file that knows the first one's, and policies.</summary>
internal sealed class SigningBench : IDisposable
{
    public const string Author = "alice@example.org";

    public SigningBench()
    {
        if (!IsThere()) Assert.Skip("There is no ssh-keygen here.");
        foreach (var key in new[] { "alice", "mallory" }) Run("-q", "-t", "ed25519", "-N", "", "-C", key, "-f", Key(key));
        Write("signers", $"{Author} namespaces=\"titer\" {PublicKey("alice")}\n");
    }

    public PackageBench Packages { get; } = new();

    public string Key(string name) => Path.Combine(Packages.Folder.Path, name);

    /// <summary>Kind and key, without a comment.</summary>
    public string PublicKey(string name) => string.Join(' ', File.ReadAllText(Key(name) + ".pub").Split(' ').Take(2)).Trim();

    public string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Packages.Folder.Path, name), text);
        return Path.Combine(Packages.Folder.Path, name);
    }

    public string Signed(string folder, string key = "alice")
    {
        var outcome = new PluginPackage(PackageBench.Gate).Pack(folder, Packages.Feed, Key(key));
        Assert.True(outcome.File is not null, string.Join('\n', outcome.Problems));
        return outcome.File;
    }

    public PluginPolicy Policy(string text) => PolicyReader.Read(Write("plugin-policy.yaml", text), new HashSet<string>());

    public InstallOutcome Install(string package, string policy) =>
        new PluginInstaller(Packages.Home, new PluginGate(Policy(policy)), time: new PackageBench.FixedTime()).Install(package);

    public void Dispose() => Packages.Dispose();

    private static bool IsThere()
    {
        try
        {
            Run("-Q", "-f", "/dev/null");
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Run(params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }
}
