using System.ComponentModel;
using System.Diagnostics;

namespace Titer.Plugins.Trust;

/// <summary>OpenSSH's key program, which makes and verifies signatures: no cryptography of our own, and the keys that people have.</summary>
internal static class SshKeygen
{
    private const string Program = "ssh-keygen";

    /// <summary>It reads three small files. Who signs may be asked for a passphrase, and takes as long as they like.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="input">What it reads from its standard input.</param>
    /// <returns>How it ended; a problem where there is no such program, or it does not answer.</returns>
    public static (SshOutcome? Outcome, PluginProblem? Problem) Run(byte[] input, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(input);
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Its words are read.
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            Feed(process, input);
            if (arguments.Contains("sign")) process.WaitForExit();
            else if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return (null, Missing($"'{Program}' does not answer."));
            }

            return (new SshOutcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult()), null);
        }
        catch (Win32Exception e)
        {
            return (null, Missing($"'{Program}' cannot be started: {e.Message.TrimEnd('.')}."));
        }
    }

    private static void Feed(Process process, byte[] input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not want to read.
        }
    }

    private static PluginProblem Missing(string fact) =>
        new(PluginProblemCode.NoSshKeygen, $"Signatures of plugins cannot be made or verified: {fact}",
        "Install OpenSSH's client 8.2 or newer (apt-get install openssh-client).");
}

/// <summary>How the program ended, and what it said.</summary>
internal sealed record SshOutcome(int ExitCode, string Output, string Error);
