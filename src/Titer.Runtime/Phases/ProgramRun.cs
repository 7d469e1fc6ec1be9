using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>One run of a program that entered, inside this worker's walls: the same for a defense and an attack.</summary>
internal static class ProgramRun
{
    private const int MostReasonCharacters = 400;

    /// <summary>Over its files and its command.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="PlainFolderException">The folder has something other than files and folders, or too much.</exception>
    public static string Hash(ProgramOrder program) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\u001e', [ContentHash.OfFolder(program.Folder), .. program.Command]))));

    /// <summary>The result where it is not the program that was planned; null where it is.</summary>
    public static PhaseResult? Changed(Phase phase, Entrant planned, ProgramOrder program) => Hash(program) == planned.ContentHash ? null
        : phase.Failed(PhaseStatus.Error, "TITER260",
            $"The files of '{planned.Label}' in {program.Folder} changed after the tournament was planned. Start the tournament again: the new ones "
                + "become an entrant of their own.");

    /// <summary>Waits for as long as the watch outside lets it; its seconds are those between the two stages.</summary>
    /// <returns>The result where it did not end well; null where it did.</returns>
    public static PhaseResult? Of(Phase phase, ProgramOrder program, string taskFile, IPhaseEvents events)
    {
        events.Report(new PhaseProgress(PhaseStage.Playing));
        var (exitCode, said) = Ended(program, taskFile);
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        events.Log(new PhaseLogLine("info", said));
        return exitCode switch
        {
            null => phase.Failed(PhaseStatus.Error, "TITER261",
                $"{said} Inside the sandbox there is /usr, the program's folder and what it names under 'reads'."),
            0 => null,
            _ => phase.Failed(PhaseStatus.Error, "TITER262",
                $"The program ended with exit code {exitCode}: {VisibleText.OnOneLine(LastLine(said))} The log of the phase has all that it said."),
        };
    }

    /// <summary>The result where it left something else than a model: input from an enemy, and its own failure.</summary>
    public static PhaseResult NoModel(Phase phase, Exception why) => phase.Failed(PhaseStatus.Invalid, "TITER263",
        $"The program left no model: {VisibleText.OnOneLine(why.Message, MostReasonCharacters)} Write a checkpoint to 'output'.");

    /// <returns>Null and why when it could not be started; else its exit code and the end of what it said.</returns>
    private static (int? ExitCode, string Said) Ended(ProgramOrder program, string taskFile)
    {
        var start = new ProcessStartInfo(program.Command[0])
        {
            WorkingDirectory = program.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in program.Command.Skip(1).Append(taskFile)) start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            var said = new OutputTail();
            said.Listen(process);
            process.StandardInput.Close();
            process.WaitForExit();
            said.HearOut();
            return (process.ExitCode, said.ToString());
        }
        catch (Win32Exception e)
        {
            return (null, $"'{program.Command[0]}' could not be started: {e.Message}.");
        }
    }

    private static string LastLine(string said) => said.TrimEnd('\n').Split('\n')[^1] is { Length: > 0 } line ? line : "it said nothing.";
}
