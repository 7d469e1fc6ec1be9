using System.IO.Enumeration;

namespace Titer.Plugins.Trust;

/// <summary>
/// What an operator accepts of plugins that did not come with titer: whose signature, which files by their content hash. Whatever is revoked is
/// refused first. Judged by the gate, so that every way in asks the same questions; what enters without a plugin is judged where it is resolved.
/// </summary>
public sealed record PluginPolicy
{
    /// <summary>What the file is called in the home folder.</summary>
    public const string FileName = "plugin-policy.yaml";

    private const int ShownDigits = 12;

    /// <summary>Full path of the file that says so.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of that file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Full path of a file in OpenSSH's allowed_signers format; null knows nobody's key.</summary>
    public string? Signers { get; init; }

    /// <summary>Full path of revoked keys, one public key a line or a KRL; null revokes none.</summary>
    public string? RevokedKeys { get; init; }

    /// <summary>Principals of the signers' file that are accepted, with <c>*</c> for any text; empty accepts all of them.</summary>
    public IReadOnlyList<string> Authors { get; init; } = [];

    /// <summary>Content hashes that are accepted.</summary>
    public IReadOnlySet<string> Hashes { get; init; } = new HashSet<string>();

    /// <summary>Content hashes that are refused, whoever signed them.</summary>
    public IReadOnlySet<string> Revoked { get; init; } = new HashSet<string>();

    /// <summary>A listed hash is not enough: an author's signature is needed, too.</summary>
    public bool RequiresSignature { get; init; }

    /// <summary>What is neither listed nor signed by an author plays, too.</summary>
    public bool AcceptsOthers { get; init; }

    /// <summary>Content hashes of the plugins that came with the host: of those only a revoked one is refused.</summary>
    public IReadOnlySet<string> Own { get; init; } = new HashSet<string>();

    /// <summary>For people: what it asks for.</summary>
    public string Text => string.Join(", ", new[]
    {
        Signers is null ? null : Authors.Count == 0 ? "signed by anybody in its signers' file" : $"signed by {string.Join(" or ", Authors)}",
        Hashes.Count == 0 ? null : $"{Hashes.Count} listed {(Hashes.Count == 1 ? "hash" : "hashes")}",
        RequiresSignature ? "never without a signature" : null,
        AcceptsOthers ? "all others" : null,
        Revoked.Count == 0 ? null : $"{Revoked.Count} revoked",
    }.OfType<string>().DefaultIfEmpty("nothing but what came with titer"));

    /// <returns>Why it may play, for people; or why it may not.</returns>
    internal (string? Standing, PluginProblem? Problem) Judge(InstalledPlugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var (id, hash) = (plugin.Manifest.Id, plugin.Manifest.ContentHash);
        if (Revocation(id, hash) is { } revoked) return (null, revoked);
        if (Own.Contains(hash)) return ("came with titer", null);
        var (signer, broken) = SignerOf(plugin);
        if (broken is not null) return (null, broken);
        if (signer is not null && IsAuthor(signer.Principal)) return ($"signed by {signer.Principal} ({signer.Key})", null);
        if (Hashes.Contains(hash) && !RequiresSignature) return ("listed by its content hash", null);
        if (signer is not null && !AcceptsOthers)
            return (null, new(PluginProblemCode.NotAllowed,
                $"'{id}' {hash[..ShownDigits]} is signed by {signer.Principal}, who is none of the authors of the policy in '{File}'.",
                "Add the principal to 'authors', or the hash to 'hashes', if you trust it."));
        if (RequiresSignature)
            return (null, new(PluginProblemCode.NotSigned, $"'{id}' {hash[..ShownDigits]} is not signed, and the policy in '{File}' demands it.",
                "Ask its author for a package that 'titer plugin pack --sign' made, or sign it yourself."));
        if (AcceptsOthers) return (signer is null ? "accepted without a signature" : $"accepted, signed by {signer.Principal} ({signer.Key})", null);
        return (null, new(PluginProblemCode.NotAllowed, $"'{id}' {hash[..ShownDigits]} is neither signed nor listed in the policy in '{File}'.",
            $"If you trust it, add its content hash to 'hashes': {hash}"));
    }

    /// <summary>
    /// Of what enters without a plugin. Nobody signs such, so authors and signatures do not apply: who lists its hash can mean nothing else, also
    /// where plugins need a signature, and what is not listed is refused unless all others are accepted.
    /// </summary>
    /// <param name="what"><c>checkpoint</c> or <c>program</c>.</param>
    /// <param name="hash">Over its files, of a program over its command, too.</param>
    /// <returns>Why it may play, for people; or why it may not.</returns>
    internal (string? Standing, PluginProblem? Problem) Judge(string what, string label, string hash)
    {
        if (Revocation(label, hash) is { } revoked) return (null, revoked);
        if (Hashes.Contains(hash)) return ("listed by its content hash", null);
        return AcceptsOthers ? ("accepted without being listed", null)
            : (null, new(PluginProblemCode.NotListed,
                $"The {what} '{label}' {hash[..ShownDigits]} is not listed in the policy in '{File}', and nobody signs a {what}.",
                $"If you trust it, add its content hash to 'hashes': {hash}"));
    }

    private PluginProblem? Revocation(string id, string hash) => !Revoked.Contains(hash) ? null
        : new(PluginProblemCode.Revoked, $"'{id}' {hash[..ShownDigits]} is revoked by the policy in '{File}'.",
            "Get another build of it, or take its hash out of 'revoked'.");

    private (PluginSigner? Signer, PluginProblem? Problem) SignerOf(InstalledPlugin plugin)
    {
        var signature = Path.Combine(plugin.Folder, PluginSignature.FileName);
        return Signers is null || !System.IO.File.Exists(signature)
            ? (null, null)
            : PluginSignature.Verify(plugin.Manifest, signature, Signers, RevokedKeys);
    }

    private bool IsAuthor(string principal) => Authors.Count == 0
        || Authors.Any(a => FileSystemName.MatchesSimpleExpression(a, principal, ignoreCase: false));
}
