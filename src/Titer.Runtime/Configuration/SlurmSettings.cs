namespace Titer.Runtime.Configuration;

/// <summary>What a tournament asks of a Slurm cluster: <c>engine: { slurm: { ... } }</c>. Null leaves it to the cluster's own default.</summary>
internal sealed record SlurmSettings
{
    public string? Partition { get; init; }

    public string? Account { get; init; }

    public string? Qos { get; init; }

    /// <summary>Of one job, as <c>sbatch --time</c> takes it: minutes, or <c>days-hours:minutes:seconds</c>.</summary>
    public string? Time { get; init; }

    /// <summary>Of one job, for example <c>gpu:a100:1</c>.</summary>
    public string? Gres { get; init; }

    public string? Constraint { get; init; }

    /// <summary>Of one job, for example <c>64G</c>.</summary>
    public string? Memory { get; init; }

    public int? Cpus { get; init; }

    /// <summary>Most jobs of one array that run at the same time (<c>%N</c>).</summary>
    public int? ArrayLimit { get; init; }

    /// <summary>Most jobs of this tournament in the queue; what is over it is submitted when there is room.</summary>
    public int? QueueLimit { get; init; }

    /// <summary>Phases that one job plays, one after the other: short ones are not worth a job each.</summary>
    public int PhasesPerJob { get; init; } = 1;

    /// <summary>How often a phase is submitted until a job that ends without a result counts as the machine's fault.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Between two questions to the scheduler.</summary>
    public double PollSeconds { get; init; } = 30;

    /// <summary>So long before its time limit a job starts no further phase, and is put back into the queue.</summary>
    public int SignalSeconds { get; init; } = 120;

    /// <summary>More lines of <c>#SBATCH</c>, each an option: <c>--reservation=night</c>.</summary>
    public IReadOnlyList<string> Directives { get => field ?? []; init; }

    /// <summary>Lines of shell before the program: <c>module load ...</c>.</summary>
    public IReadOnlyList<string> Setup { get => field ?? []; init; }

    public IReadOnlyDictionary<string, string> Environment { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Words before the program: <c>apptainer exec --nv titer.sif</c>.</summary>
    public string? Container { get; init; }

    /// <summary>How <c>titer</c> is started on a node; null as it was started here.</summary>
    public string? Program { get; init; }

    /// <summary>Jobs have a GPU.</summary>
    public bool AsksForGpu => Gres?.Split(',').Any(g => g == "gpu" || g.StartsWith("gpu:", StringComparison.Ordinal)) == true
        || Directives.Any(d => d.StartsWith("--gpus", StringComparison.Ordinal));
}

/// <summary>Where phases are played.</summary>
internal enum EngineKind
{
    /// <summary>In processes of this machine.</summary>
    Local,

    /// <summary>In jobs of a Slurm cluster.</summary>
    Slurm,
}

/// <summary>What a tournament file says under <c>engine</c>.</summary>
/// <param name="Kind">That is used where the command line names none.</param>
internal sealed record EngineEntry(EngineKind Kind, SlurmSettings Slurm);
