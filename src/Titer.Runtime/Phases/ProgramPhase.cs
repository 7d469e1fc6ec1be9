using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Titer.Files;
using Titer.Files.Codes;
using Titer.Models.Checkpoints;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Phases;

/// <summary>
/// A defend phase of a program in any language: it gets a folder and leaves a checkpoint in another. It runs inside this worker's walls, and its
/// seconds are those of the worker's watch; nothing is measured here.
/// </summary>
internal sealed class ProgramPhase(PhaseOrder order, ProgramOrder program, ScenarioSession session, IPhaseEvents events)
{
    public PhaseResult Play()
    {
        if (Hash(program) != order.Phase.Defense.ContentHash)
            return order.Phase.Failed(PhaseStatus.Error, "TITER260",
                $"The files of '{order.Phase.Defense.Label}' in {program.Folder} changed after the tournament was planned. Start the tournament "
                    + "again: the new ones become an entrant of their own.");
        var files = new ProgramFiles(Directory.CreateDirectory(Path.Combine(order.ScratchFolder, "program")).FullName);
        files.Write(order, session);
        events.Report(new PhaseProgress(PhaseStage.Playing));
        var (exitCode, said) = Run(files.TaskFile);
        events.Report(new PhaseProgress(PhaseStage.Evaluating));
        events.Log(new PhaseLogLine("info", said));
        if (exitCode is null)
            return order.Phase.Failed(PhaseStatus.Error, "TITER261",
                $"{said} Inside the sandbox there is /usr, the program's folder and what it names under 'reads'.");
        return exitCode == 0 ? Released(files)
            : order.Phase.Failed(PhaseStatus.Error, "TITER262",
                $"The program ended with exit code {exitCode}: {VisibleText.OnOneLine(LastLine(said))} The log of the phase has all that it said.");
    }

    /// <summary>Over its files and its command.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="PlainFolderException">The folder has something other than files and folders, or too much.</exception>
    public static string Hash(ProgramOrder program) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\u001e', [ContentHash.OfFolder(program.Folder), .. program.Command]))));

    private PhaseResult Released(ProgramFiles files)
    {
        try
        {
            var spent = files.Spent();
            var made = EnteredCheckpoint.In(files.Output);
            made.RequireSameShape(order.SubjectFolder);
            using var model = made.Open(session.Device, () => session.LoadSubject());
            CheckpointWriter.WriteWeights(model, order.OutputWeightsFile!, session.Scenario.SubjectFolder);
            return order.Phase.Done() with { Spent = new Spent { Steps = spent.Steps, Samples = spent.Samples, Tokens = spent.Tokens } };
        }
        catch (CheckpointException e)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, e.Code, ((ICoded)e).Text);
        }
        catch (Exception e) when (e is InvalidDataException or UnauthorizedAccessException)
        {
            return order.Phase.Failed(PhaseStatus.Invalid, "TITER263", $"The program left no model: {e.Message} Write a checkpoint to 'output'.");
        }
    }

    /// <summary>Waits for as long as the watch outside lets it.</summary>
    /// <returns>Null and why when it could not be started; else its exit code and the end of what it said.</returns>
    private (int? ExitCode, string Said) Run(string taskFile)
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
            var heard = Task.WhenAll(said.PumpAsync(process.StandardOutput.BaseStream), said.PumpAsync(process.StandardError.BaseStream));
            process.StandardInput.Close();
            process.WaitForExit();
            heard.GetAwaiter().GetResult();
            return (process.ExitCode, said.ToString());
        }
        catch (Win32Exception e)
        {
            return (null, $"'{program.Command[0]}' could not be started: {e.Message}.");
        }
    }

    private static string LastLine(string said) => said.TrimEnd('\n').Split('\n')[^1] is { Length: > 0 } line ? line : "it said nothing.";
}
