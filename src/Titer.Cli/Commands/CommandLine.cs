using System.CommandLine;
using System.Text.RegularExpressions;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Models.Native;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;

namespace Titer.Cli.Commands;

/// <summary>The root command: parses, runs a verb, and turns every expected fault into one line on stderr and an exit code.</summary>
internal sealed partial class CommandLine(IEnumerable<ICliCommand> commands)
{
    private const int MostMessageCharacters = 20_000;

    private readonly Option<string?> _libtorch = new("--libtorch") { Recursive = true,
        Description = $"The libtorch of a PyTorch installation: its folder, or auto to find it; as {LibtorchFolder.Variable}." };

    /// <summary>Every verb with its options.</summary>
    public RootCommand Root()
    {
        var root = new RootCommand(
            "Titer plays every defense against every harmful fine-tuning attack on a language model and measures which one immunizes it.");
        foreach (var command in commands.Select(c => c.Build()).OrderBy(c => c.Name, StringComparer.Ordinal)) root.Subcommands.Add(command);
        root.Options.Add(_libtorch);
        return root;
    }

    /// <exception cref="ConfigurationException">A value is no number where one is asked for.</exception>
    private ParseResult Parse(string[] args)
    {
        try
        {
            return Root().Parse(args);
        }
        catch (InvalidOperationException e)
        {
            // A bound was held against a value that is none of its kind.
            throw new ConfigurationException($"TITER610 {NumberType().Replace(e.Message, "number").TrimEnd('.')}. Write one.");
        }
    }

    [GeneratedRegex(@"expected type '[^']*(?:Int32|Int64|UInt64|Double)[^']*'")]
    private static partial Regex NumberType();

    public async Task<int> InvokeAsync(string[] args)
    {
        try
        {
            var parsed = Parse(args);
            if (parsed.Tokens.FirstOrDefault(t => string.IsNullOrWhiteSpace(t.Value)) is not null)
                throw new ConfigurationException(
                    "TITER622 An argument is empty. Is it a shell variable that is not set? Write its value, or leave the option out.");
            // The verbs, the SDK's harness and the workers all read the variable.
            if (parsed.Errors.Count == 0 && parsed.GetValue(_libtorch) is { } folder)
                Environment.SetEnvironmentVariable(LibtorchFolder.Variable, folder == LibtorchFolder.Auto ? folder : Path.GetFullPath(folder));
            // Ctrl-C is handled by the verbs: the first one drains, the second one aborts.
            var code = await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return parsed.Errors.Count > 0 ? ExitCodes.BadInput : code;
        }
        catch (MachineFaultException e)
        {
            await Console.Error.WriteLineAsync(VisibleText.Of(e.Message, MostMessageCharacters));
            return ExitCodes.MachineFault;
        }
        catch (OperationCanceledException e) when (e.InnerException is null)
        {
            // Whoever sits here stopped it. A server's silence is a cancellation with a cause, and none of ours.
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is ICoded or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(VisibleText.Of(e.Message, MostMessageCharacters));
            return ExitCodes.BadInput;
        }
        catch (Exception e)
        {
            // Never a plugin's fault: those are results. The stack is what a report of the bug needs.
            await Console.Error.WriteLineAsync(
                $"TITER900 Titer itself failed; please report this: {VisibleText.Of(e.ToString(), MostMessageCharacters)}");
            return ExitCodes.HostFault;
        }
    }
}
