using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Runtime.Phases;
using Titer.Tournament;

namespace Titer.Runtime.Slurm;

/// <summary>What one job of an array plays, one after the other: a line of the array's file.</summary>
internal sealed record JobTask(IReadOnlyList<Phase> Phases);

/// <summary>What an array is of: the first line of its file.</summary>
/// <param name="CheckpointFolders">Of the checkpoints that entered, by entrant id: they lie where the tournament names them.</param>
/// <param name="Programs">That entered, by entrant id: all nodes see the same files.</param>
/// <param name="BundledHashes">Of the builds that count as the host's own.</param>
internal sealed record JobTournament(TournamentSpec Spec, IReadOnlyDictionary<string, string> CheckpointFolders,
    IReadOnlyDictionary<string, ProgramOrder> Programs, IReadOnlyCollection<string> BundledHashes);

/// <summary>A job array that was handed to Slurm, or was about to be.</summary>
/// <param name="Array">Its name in the folder: eight digits.</param>
/// <param name="JobName">Under which the scheduler knows it; found by it when its number was not written down any more.</param>
/// <param name="JobId">Null while it is being submitted.</param>
internal sealed record SubmittedArray(string Array, string JobName, DateTimeOffset At, string? JobId = null)
{
    /// <summary>The ids of the phases of every job, in order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tasks { get => field ?? []; init; }
}

/// <summary>Orders of jobs as JSON. Numbers are whole: a threshold that were rounded would be another tournament's.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(JobTournament))]
[JsonSerializable(typeof(JobTask))]
[JsonSerializable(typeof(SubmittedArray))]
internal sealed partial class JobJson : JsonSerializerContext
{
    public static string Line(JobTask task) => JsonSerializer.Serialize(task, Default.JobTask);

    public static string Line(SubmittedArray array) => JsonSerializer.Serialize(array, Default.SubmittedArray);
}
