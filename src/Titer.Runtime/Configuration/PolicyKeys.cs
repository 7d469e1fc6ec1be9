using Titer.Plugins.Trust;
using Titer.Scenarios.Yaml;

namespace Titer.Runtime.Configuration;

/// <summary>What the keys of a policy on plugins mean; which ones there are is learnt from <see cref="PolicyReader"/>.</summary>
internal static class PolicyKeys
{
    public static YamlSchema Schema { get; } = new(PluginPolicy.FileName, PolicyReader.Shape(), new Dictionary<string, string>
    {
        ["signers"] = "File with the keys of authors, in OpenSSH's allowed_signers format (man ssh-keygen), relative to this one.",
        ["revoked_keys"] = "File with keys that are accepted no more: public keys, one a line, or a key revocation list (ssh-keygen -k).",
        ["authors"] = "Principals of the signers' file whose plugins play; * stands for any text, as in *@lab.example. Left out: all of them.",
        ["hashes"] = "Content hashes, 64 digits each, that play without a signature; 'titer list --json' prints them. Also of checkpoints and "
            + "programs; the refusal of one says its hash.",
        ["revoked"] = "Content hashes that never play, whoever signed them, also of plugins that came with titer, checkpoints and programs.",
        ["require_signature"] = "true: for a plugin a listed hash is not enough, an author must have signed. Default false.",
        ["others"] = "accept: what is neither listed nor signed by an author plays too, and the board says so. Default refuse.",
    });
}
