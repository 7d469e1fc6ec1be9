using System.Security.Cryptography;
using Titer.Plugins.Trust;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Configuration;

/// <summary>Reads an operator's policy on plugins, strictly: a key that is not known would be a wall that is not there.</summary>
internal static class PolicyReader
{
    private const int HashDigits = 64;

    /// <param name="own">Content hashes of the plugins that came with the host.</param>
    /// <exception cref="YamlProblemException">It is missing, not YAML, or no policy.</exception>
    public static PluginPolicy Read(string path, IReadOnlySet<string> own)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            throw new YamlProblemException(new YamlProblem(path, 0, 0, "TITER187 There is no such policy file. Check the path after --policy."));
        var bytes = File.ReadAllBytes(path);
        var policy = Of(StrictYaml.Parse(path, System.Text.Encoding.UTF8.GetString(bytes)), path);
        return policy with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)), Own = own };
    }

    /// <summary>What such a file may hold, learnt from this reader.</summary>
    public static YamlShape Shape() => StrictYaml.ShapeOf(value => Of(value, PluginPolicy.FileName));

    private static PluginPolicy Of(StrictYaml root, string path)
    {
        var policy = root.Fold<PluginPolicy>(new PluginPolicy { File = path, Sha256 = "" },
            ("signers", (policy, value) => policy with { Signers = ExistingFile(value, path) }),
            ("revoked_keys", (policy, value) => policy with { RevokedKeys = ExistingFile(value, path) }),
            ("authors", (policy, value) => policy with { Authors = [.. value.List().Select(a => a.Text())] }),
            ("hashes", (policy, value) => policy with { Hashes = Hashes(value) }),
            ("revoked", (policy, value) => policy with { Revoked = Hashes(value) }),
            ("require_signature", (policy, value) => policy with { RequiresSignature = OneOf(value, "true", "false") == "true" }),
            ("others", (policy, value) => policy with { AcceptsOthers = OneOf(value, "refuse", "accept") == "accept" }));
        if (root.IsShape) return policy;
        if (policy.Signers is null && (policy.RequiresSignature || policy.Authors.Count > 0 || policy.RevokedKeys is not null))
            throw root.Problem(
                "TITER187 Signatures are asked for, and 'signers' names no file with the keys of their authors. Name one in OpenSSH's "
                + "allowed_signers format.");
        return policy is { RequiresSignature: true, AcceptsOthers: true }
            ? throw root.Problem("TITER187 'require_signature: true' and 'others: accept' contradict each other. Leave one out.")
            : policy;
    }

    private static string OneOf(StrictYaml value, params string[] known)
    {
        var text = value.Text(known);
        return value.IsShape || known.Contains(text) ? text
            : throw value.Problem($"TITER187 '{text}' is not known here. Write {string.Join(" or ", known)}.");
    }

    private static string ExistingFile(StrictYaml value, string policy)
    {
        var text = value.Text();
        var file = Path.GetFullPath(text, Path.GetDirectoryName(Path.GetFullPath(policy))!);
        return value.IsShape || File.Exists(file)
            ? file
            : throw value.Problem($"TITER187 There is no file '{file}'. Paths are relative to the policy.");
    }

    private static HashSet<string> Hashes(StrictYaml value) => [.. value.List().Select(Hash)];

    private static string Hash(StrictYaml value)
    {
        var hash = value.Text();
        return value.IsShape || (hash.Length == HashDigits && hash.All(char.IsAsciiHexDigitLower)) ? hash
            : throw value.Problem($"TITER187 '{hash}' is no content hash: it has {HashDigits} digits 0-9 and a-f. 'titer list --json' prints them.");
    }
}
