using System.Text;
using System.Text.RegularExpressions;
using Titer.Files;

namespace Titer.Plugins.Trust;

/// <summary>Whose key made a signature.</summary>
/// <param name="Principal">As the signers' file calls its owner.</param>
/// <param name="Key">Kind and fingerprint, for example <c>ED25519 SHA256:...</c>.</param>
internal sealed record PluginSigner(string Principal, string Key);

/// <summary>
/// An SSH signature over what a plugin is: its id, its version and its content hash, which covers every file that its code can read. Made and
/// verified by <c>ssh-keygen -Y</c> in the namespace <c>titer</c> (PROTOCOL.sshsig of OpenSSH). It lies in the plugin's folder, and travels in its
/// package.
/// </summary>
internal static partial class PluginSignature
{
    /// <summary>In the plugin's folder. Counts in no content hash, and is put nowhere where a plugin's code runs.</summary>
    public const string FileName = ContentHash.SignatureFile;

    private const string Namespace = "titer";

    /// <summary>What is signed: the same bytes for the same build, wherever it lies.</summary>
    public static byte[] Statement(PluginManifest plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return Encoding.UTF8.GetBytes($"titer plugin\nid {plugin.Id}\nversion {plugin.Version}\ncontent {plugin.ContentHash}\n");
    }

    /// <param name="keyFile">A private key, or the public one of a key that an agent holds.</param>
    public static (byte[]? Signature, PluginProblem? Problem) Sign(PluginManifest plugin, string keyFile) =>
        SshSignature.Sign(Statement(plugin), keyFile, Namespace);

    /// <returns>The signer; null where nobody of the file made it. A problem where it is damaged, of
    /// other files, or of a key that may not.</returns>
    public static (PluginSigner? Signer, PluginProblem? Problem) Verify(PluginManifest plugin, string signature, string signers, string? revokedKeys)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        using var scratch = ScratchFolder.Create();
        var copy = Path.Combine(scratch.Path, "signature");
        if (Copy(plugin, signature, copy) is { } unreadable) return (null, unreadable);
        var statement = Statement(plugin);
        // First: whoever made it, it is of these very files.
        var (sound, missing) = SshKeygen.Run(statement, "-Y", "check-novalidate", "-n", Namespace, "-s", copy);
        if (missing is not null) return (null, missing);
        if (sound!.ExitCode != 0) return (null, Unsound(plugin, SshSignature.Said(sound)));
        var (found, _) = SshKeygen.Run([], "-Y", "find-principals", "-s", copy, "-f", signers);
        if (found is not { ExitCode: 0 } || found.Output.Split('\n')[0].Split(',')[0].Trim() is not { Length: > 0 } principal) return (null, null);
        string[] verify = ["-Y", "verify", "-n", Namespace, "-f", signers, "-I", principal, "-s", copy];
        var (verified, _) = SshKeygen.Run(statement, verify);
        if (verified is not { ExitCode: 0 })
            return (null,
                Unaccepted(plugin, $"the signers' file does not accept it: {(verified is null ? "" : SshSignature.Said(verified))}", principal));
        if (revokedKeys is not null && SshKeygen.Run(statement, [.. verify, "-r", revokedKeys]).Outcome is not { ExitCode: 0 })
            return (null, Unaccepted(plugin, "it is revoked", principal));
        return GoodSignature().Match(verified.Output) is { Success: true } good
            ? (new PluginSigner(principal, $"{good.Groups[1].Value} {good.Groups[2].Value}"), null)
            : (null, Unsound(plugin, SshSignature.Said(verified)));
    }

    private static PluginProblem? Copy(PluginManifest plugin, string signature, string copy)
    {
        try
        {
            using var from = RegularFile.OpenRead(signature, SshSignature.MostBytes);
            using var to = File.Create(copy);
            from.CopyTo(to);
            return null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return Unsound(plugin, e.Message);
        }
    }

    private static PluginProblem Unsound(PluginManifest plugin, string why) =>
        new(PluginProblemCode.BadSignature, $"The signature of '{plugin.Id}' does not hold: {why.TrimEnd('.')}.",
            "The plugin or its signature was changed after it was signed: get the package again from its author.");

    private static PluginProblem Unaccepted(PluginManifest plugin, string why, string principal) =>
        new(PluginProblemCode.KeyRefused, $"'{plugin.Id}' is signed with a key of {principal}: {why.TrimEnd('.')}.",
            "Get a package that was signed with another key of its author's.");

    [GeneratedRegex("^Good \"titer\" signature for .* with (.+?)(?: key)? (SHA256:\\S+)")]
    private static partial Regex GoodSignature();
}
