using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Titer.Cli.Printed;
using Titer.Files;
using Titer.Runtime.Results;

namespace Titer.Cli.Commands;

/// <summary>Frees the disk of what a run left and nothing needs any more, or what only an export needs, and says so.</summary>
internal sealed class CleanCommand(IAnsiConsole console) : ICliCommand
{
    public Command Build()
    {
        var folder = new Argument<string>("results") { Arity = ArgumentArity.ZeroOrOne, Description = "A run's results folder.",
            DefaultValueFactory = _ => Path.Combine("results", "apothecary") };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would go, and remove nothing." };
        var keep = new Option<double?>("--keep-megabytes") { Description =
            "Remove only until the folder has no more than that, least needed first." };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is < 0 or > 1e12 or double.NaN)
                result.AddError("TITER610 --keep-megabytes must be between 0 and 1e12.");
        });
        var json = new JsonOption("clean-json");
        var command = new Command("clean", "Remove what of a results folder no report, score or resumed run needs, least needed first.")
        {
            folder, dryRun, keep, json,
        };
        command.SetAction(parsed =>
        {
            var isDry = parsed.GetValue(dryRun);
            // Read without being held: what lacks a seal here may be sound where it was played, and is not moved.
            using var stored = StoredRun.Open(parsed.GetValue(folder)!);
            var run = stored.Folder;
            using var held = isDry ? null : RunFolder.Open(run.Path, StoredRun.Key());
            var before = RunCleaning.BytesOf(run.Path);
            var items = RunCleaning.Of(run);
            if (parsed.GetValue(keep) is { } megabytes) items = RunCleaning.Within(items, before, (long)(megabytes * 1e6));
            if (held is not null) RunCleaning.Remove(held, items);
            var freed = held is null ? items.Sum(i => i.Bytes) : before - RunCleaning.BytesOf(run.Path);
            var isSmallEnough = parsed.GetValue(keep) is not { } most || before - freed <= (long)(most * 1e6);
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(new CleanDocument(run.Path, isDry, before, freed, isSmallEnough,
                    [.. items.Select(i => new CleanedItem(i.Place, i.What, i.Bytes, i.Loses))]), PrintedJson.Default.CleanDocument);
                return ExitCodes.Success;
            }

            var output = console.Profile.Out.Writer;
            foreach (var item in items)
                output.WriteLine($"{Size(item.Bytes),10}  {VisibleText.OnOneLine(item.Place)}: {VisibleText.OnOneLine(item.What)}{
                    (item.Loses is { } loses ? $" ({loses})" : "")}");
            output.WriteLine($"{(isDry ? "Would free" : "Freed")} {Size(freed)} of {Size(before)} in {run.Path}.");
            if (!isSmallEnough)
                output.WriteLine($"{Size(before - freed)} stay: reports, scores and what is still to be played need them.");
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
