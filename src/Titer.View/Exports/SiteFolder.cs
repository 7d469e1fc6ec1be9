using System.Globalization;
using System.Text;
using Titer.Runtime.Results;
using Titer.Tournament;
using Titer.View.Hosting;
using Titer.View.Web;

namespace Titer.View.Exports;

/// <summary>
/// The page as a folder that any web host serves as it is, however large the results: boards and cells are files of their own. Beside it everything
/// that one takes elsewhere: tables, figures, badges, and the formats that the field reads.
/// </summary>
internal static class SiteFolder
{
    /// <summary>Says that a folder was written here, and may be written again.</summary>
    private const string Mark = ".titer-site";

    /// <exception cref="PageException">The folder holds something else.</exception>
    public static void Write(string folder, IReadOnlyList<KeptRun> runs, DateTimeOffset at)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, Mark)))
            throw new PageException($"TITER675 {folder} holds something that is no site of titer's, and is left alone. Name an empty folder.");
        Put(folder, Mark, "Written by titer report --site; written anew each time.\n");
        foreach (var asset in PageAssets.Files) Put(folder, $"web/{asset.Path}", asset.Bytes);
        var (cells, files) = (0, new List<(string Path, byte[] Bytes)>());
        byte[] Elsewhere(string path, byte[] content)
        {
            files.Add((path, content));
            return Encoding.UTF8.GetBytes($"\"{path}\"");
        }

        var kept = KeptResults.Json(runs, (run, board) => Elsewhere($"data/board-{Text(run)}.json", board),
            (_, _, cell) => Elsewhere($"data/cells/{Text(cells++)}.json", cell));
        foreach (var (path, bytes) in files) Put(folder, path, bytes);
        Put(folder, "index.html", PageAssets.PageWith($"<script type=\"application/json\" id=\"results\">{kept}</script>\n"));
        Exports(folder, runs[0], at);
    }

    private static void Exports(string folder, KeptRun run, DateTimeOffset at)
    {
        var report = run.Report;
        RunRecords.Write(folder, report);
        foreach (var (name, csv) in TableFiles.Of(report)) Put(folder, $"tables/{name}.csv", csv);
        foreach (var (name, svg) in Figures.Of(report)) Put(folder, $"figures/{name}.svg", svg);
        foreach (var row in report.Rows)
        {
            var name = FileName(row.Defense);
            Put(folder, $"badges/{name}.svg", Badge.Of(row));
            Put(folder, $"every_eval_ever/{name}.json", EveryEvalEver.Of(report, row, at));
            Put(folder, $"eval_results/{name}.yaml", EvalResultsYaml.Of(report, row, at));
        }
    }

    /// <summary>What a file may be called everywhere; labels with settings have brackets and signs.</summary>
    private static string FileName(string label) =>
        string.Concat(label.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '-'));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Put(string folder, string path, string text) => Put(folder, path, Encoding.UTF8.GetBytes(text));

    private static void Put(string folder, string path, byte[] bytes)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
