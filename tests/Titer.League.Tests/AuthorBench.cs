using System.Diagnostics;
using System.Text;
using Titer.Files;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Trust;
using Titer.Runtime.Submissions;

namespace Titer.League.Tests;

/// <summary>Authors with keys of their own, and what they pack and hand in.</summary>
internal sealed class AuthorBench : IDisposable
{
    public AuthorBench()
    {
        try
        {
            foreach (var name in new[] { "alice", "mallory" }) Run("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", Key(name));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no ssh-keygen here.");
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("titer-author-").FullName;

    public string Key(string name) => Path.Combine(Folder, name);

    /// <summary>A build of a plugin: the fixture, and a file that makes it another one.</summary>
    public string Packed(string fixture = "GoodDefense", string note = "")
    {
        var build = Path.Combine(Folder, $"{fixture}-{note}");
        if (!Directory.Exists(build)) FolderCopy.Copy(LeagueBench.Built("fixtures", fixture), build);
        if (note.Length > 0) File.WriteAllText(Path.Combine(build, "note.txt"), note);
        var packed = new PluginPackage(new PluginGate()).Pack(build, Path.Combine(Folder, "packages", note));
        Assert.True(packed.File is not null, string.Join('\n', packed.Problems));
        return packed.File;
    }

    /// <summary>A bundle in a folder.</summary>
    public string HandedIn(string folder, string package, string author = "alice", Func<SubmissionRequest, SubmissionRequest>? with = null)
    {
        var target = Path.Combine(folder, Path.GetRandomFileName() + SubmissionBundle.Extension);
        var request = new SubmissionRequest
        {
            Package = package, KeyFile = Key(author), Disclosures = new SubmissionDisclosures(true, "a page of mine", null), HostVersion = "1",
        };
        SubmissionWriter.Write((with ?? (r => r))(request), target);
        return target;
    }

    /// <summary>A bundle with a statement that nobody's program would write, and a signature that holds.</summary>
    public string Forged(string statement, params byte[][] files)
    {
        var bytes = Encoding.UTF8.GetBytes(statement);
        var (signature, problem) = SshSignature.Sign(bytes, Key("mallory"), SubmissionBundle.Namespace);
        Assert.Null(problem);
        var parts = files.Select((content, i) =>
        {
            var part = Path.Combine(Folder, $"part-{i}");
            File.WriteAllBytes(part, content);
            return part;
        });
        var target = Path.Combine(Folder, "forged" + SubmissionBundle.Extension);
        SubmissionBundle.Write(target, bytes, signature!, parts);
        return target;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static void Run(params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }
}
