using System.Text.RegularExpressions;
using Titer.Files;

namespace Titer.Plugins.Trust;

/// <summary>
/// Signatures over bytes, made and verified by <c>ssh-keygen -Y</c> (PROTOCOL.sshsig of OpenSSH). Each kind of statement has a namespace of its own:
/// a signature of one is none of another.
/// </summary>
internal static partial class SshSignature
{
    /// <summary>An RSA signature of 16,384 bits takes 6,000.</summary>
    public const int MostBytes = 64 << 10;

    private const int MostSaidCharacters = 300;

    /// <param name="keyFile">A private key, or the public one of a key that an agent holds.</param>
    public static (byte[]? Signature, PluginProblem? Problem) Sign(byte[] statement, string keyFile, string ofNamespace)
    {
        ArgumentNullException.ThrowIfNull(keyFile);
        if (!File.Exists(keyFile))
            return (null, new(PluginProblemCode.CannotSign, $"There is no key file '{keyFile}'.",
                "Name a private key, for example ~/.ssh/id_ed25519; 'ssh-keygen -t ed25519' makes one."));
        using var scratch = ScratchFolder.Create();
        var file = Path.Combine(scratch.Path, "statement");
        File.WriteAllBytes(file, statement);
        var (run, problem) = SshKeygen.Run([], "-Y", "sign", "-n", ofNamespace, "-f", Path.GetFullPath(keyFile), file);
        if (problem is not null) return (null, problem);
        var signature = file + ".sig";
        return run!.ExitCode == 0 && File.Exists(signature) ? (File.ReadAllBytes(signature), null)
            : (null, new(PluginProblemCode.CannotSign, $"ssh-keygen cannot sign with '{keyFile}': {Said(run)}",
                "Name a private key that you can read, and its passphrase where it has one."));
    }

    /// <summary>Which key made a signature, whoever owns it.</summary>
    /// <returns>Kind and fingerprint, for example <c>ED25519 SHA256:...</c>; or why it does not hold.</returns>
    public static (string? Key, string? Why) KeyOf(byte[] statement, byte[] signature, string ofNamespace)
    {
        using var scratch = ScratchFolder.Create();
        var (run, problem) = SshKeygen.Run(statement, "-Y", "check-novalidate", "-n", ofNamespace, "-s", Written(scratch, signature));
        if (problem is not null) return (null, problem.ToString());
        return run!.ExitCode == 0 && Good().Match(run.Output) is { Success: true } good
            ? ($"{good.Groups[1].Value} {good.Groups[2].Value}", null) : (null, Said(run));
    }

    /// <summary>Who in a signers' file made a signature that holds; null for nobody, and where the key is revoked.</summary>
    public static string? PrincipalOf(byte[] statement, byte[] signature, string ofNamespace, string signers, string? revokedKeys)
    {
        using var scratch = ScratchFolder.Create();
        var file = Written(scratch, signature);
        var (found, _) = SshKeygen.Run([], "-Y", "find-principals", "-s", file, "-f", signers);
        if (found is not { ExitCode: 0 } || found.Output.Split('\n')[0].Split(',')[0].Trim() is not { Length: > 0 } principal) return null;
        string[] revoked = revokedKeys is null ? [] : ["-r", revokedKeys];
        string[] verify = ["-Y", "verify", "-n", ofNamespace, "-f", signers, "-I", principal, "-s", file, .. revoked];
        return SshKeygen.Run(statement, verify).Outcome is { ExitCode: 0 } ? principal : null;
    }

    internal static string Said(SshOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return VisibleText.OnOneLine((outcome.Error + outcome.Output).Trim(), MostSaidCharacters);
    }

    private static string Written(ScratchFolder scratch, byte[] signature)
    {
        var file = Path.Combine(scratch.Path, "signature");
        File.WriteAllBytes(file, signature);
        return file;
    }

    [GeneratedRegex("^Good \"[^\"]*\" signature with (\\S+)(?: key)? (SHA256:\\S+)")]
    private static partial Regex Good();
}
