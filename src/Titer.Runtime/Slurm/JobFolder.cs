using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>
/// What a results folder keeps of jobs, under <c>slurm</c>: for each array the tournament that it plays, what each of its jobs plays, its script and
/// its logs; and <c>arrays.jsonl</c>, which is written before and after an array is handed in, so that whoever comes later finds it. What is done is
/// still what has a result file.
/// </summary>
/// <param name="assets">Null where nothing is to be handed in.</param>
internal sealed class JobFolder(RunFolder run, RunAssets? assets = null)
{
    private readonly string _path = run.JobsFolder;

    private string Ledger => Path.Combine(_path, "arrays.jsonl");

    /// <summary>Where what the jobs of an array say goes; one file a job.</summary>
    public string LogOf(string array, int task) => Path.Combine(_path, "logs", FormattableString.Invariant($"{array}-{task}.log"));

    /// <summary>A name that says to whom of the user's tournaments a job belongs.</summary>
    public string JobNameOf(string array) => $"{JobNamePrefix}{array}";

    public string JobNamePrefix { get; } = $"titer-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Path)))[..8]}-";

    /// <summary>Begins an array: its orders lie in the folder, and the ledger says that it is about to be handed in.</summary>
    /// <returns>The array, and the file that its script goes to.</returns>
    public (SubmittedArray Array, string TasksFile, string ScriptFile) Begin(TournamentSpec spec, IReadOnlyList<JobTask> tasks)
    {
        Directory.CreateDirectory(Path.Combine(_path, "logs"));
        var name = Guid.NewGuid().ToString("N")[..8];
        var tournament = JsonSerializer.Serialize(new JobTournament(spec, assets!.CheckpointFolders, assets.Programs, [.. assets.BundledHashes]),
            JobJson.Default.JobTournament);
        var file = Path.Combine(_path, name + ".jsonl");
        ReplacedFile.Write(file, string.Join('\n', tasks.Select(JobJson.Line).Prepend(tournament)) + "\n");
        var array = new SubmittedArray(name, JobNameOf(name), TimeProvider.System.GetUtcNow())
        {
            Tasks = [.. tasks.Select(t => (IReadOnlyList<string>)[.. t.Phases.Select(p => p.Id)])],
        };
        Append(array);
        return (array, file, Path.Combine(_path, name + ".sh"));
    }

    /// <summary>It was taken.</summary>
    public SubmittedArray Taken(SubmittedArray array, string jobId)
    {
        var taken = array with { JobId = jobId };
        Append(taken with { Tasks = [] });
        return taken;
    }

    /// <summary>Every array that was ever handed in or about to be, the oldest first.</summary>
    public IReadOnlyList<SubmittedArray> Arrays()
    {
        if (!File.Exists(Ledger)) return [];
        var arrays = new OrderedDictionary<string, SubmittedArray>();
        foreach (var line in File.ReadLines(Ledger).Select(Parse).OfType<SubmittedArray>())
            arrays[line.Array] = arrays.TryGetValue(line.Array, out var begun) ? begun with { JobId = line.JobId } : line;
        return [.. arrays.Values];
    }

    /// <summary>The tournament and the phases of one job.</summary>
    /// <exception cref="InvalidDataException">The file is not one of an array, or has no such job.</exception>
    public static (JobTournament Tournament, JobTask Task) Read(string tasksFile, int task)
    {
        try
        {
            string[] lines = [.. File.ReadLines(tasksFile).Take(1), .. File.ReadLines(tasksFile).Skip(1 + task).Take(1)];
            if (lines.Length < 2) throw new InvalidDataException("it has no such job");
            return (JsonSerializer.Deserialize(lines[0], JobJson.Default.JobTournament) ?? throw new JsonException("it holds null"),
                JsonSerializer.Deserialize(lines[1], JobJson.Default.JobTask) ?? throw new JsonException("it holds null"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"TITER254 {tasksFile}, job {task}, cannot be read on {Environment.MachineName}: {e.Message} The results "
                + "folder must lie in a file system that the nodes of the cluster share.", e);
        }
    }

    private void Append(SubmittedArray array) => File.AppendAllText(Ledger, JobJson.Line(array) + "\n", new UTF8Encoding(false));

    private static SubmittedArray? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JobJson.Default.SubmittedArray);
        }
        catch (JsonException)
        {
            // Torn by a power cut before the array was handed in, or after: then its name is looked for.
            return null;
        }
    }
}
