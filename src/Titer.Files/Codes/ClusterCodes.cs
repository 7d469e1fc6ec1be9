namespace Titer.Files.Codes;

/// <summary>250-259 and 666-669: engines, jobs of a cluster, and what a run needs of a machine.</summary>
internal static class ClusterCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER250", ["Titer.Runtime/Slurm"],
            "Slurm did not take the jobs.",
            "What engine asks for in the tournament file is not to be had there; the message has sbatch's own words.",
            "Mend partition, account, time, gres or memory, then run again; the script that was refused is kept."),
        new("TITER251", ["Titer.Runtime/Slurm"],
            "Slurm cannot be asked.",
            "Its programs are not on the path, or the scheduler does not answer.",
            "Run on a login node of the cluster, and try scontrol ping."),
        new("TITER252", ["Titer.Runtime/Slurm"],
            "Jobs ended without a result of their phase.",
            "They were killed, ran into their time limit, or the node cannot start titer; the message has the last words of the log.",
            "Mend what they say, then run again: nothing was stored."),
        new("TITER253", ["Titer.Runtime/Slurm"],
            "Jobs of the results folder are in the queue of a cluster.",
            "An earlier run handed them in, and a run on this machine would play the same phases.",
            "Wait for them, run with --engine slurm, or cancel them first."),
        new("TITER254", ["Titer.Runtime/Results", "Titer.Runtime/Slurm"],
            "A job does not find what it is to play.",
            "The results folder, the scenario or the program is not the same on the node.",
            "Let the nodes see the same files under the same names."),
        new("TITER258", ["Titer.Cli/Terminal"],
            "OTEL_EXPORTER_OTLP_ENDPOINT is no address of a collector.",
            "The variable is set to something that is no URL.",
            "Write it as http://localhost:4317, or take it away."),
        new("TITER666", ["Titer.Runtime/Configuration"],
            "What stands under engine cannot be used.",
            "It is no engine, no time limit, no option of sbatch, or more than a word or a line.",
            "Write it as the message says."),
        new("TITER667", ["Titer.Cli/Commands"],
            "--detach was asked for on this machine.",
            "Without a cluster nobody plays on when the command returns.",
            "Leave it out, or start titer under nohup or tmux."),
        new("TITER668", ["Titer.Cli/Commands"],
            "The jobs ask for GPUs and the tournament is played on the CPU.",
            "The device 'auto' is what the machine has on which 'titer run' was called, not what the nodes have.",
            "Say device: cuda in the tournament file, or --device cuda."),
        new("TITER669", ["Titer.Runtime/Tournaments"],
            "The run needs more of this machine than is free.",
            "So many phases at the same time need so much memory, or what they leave so much disk, by a short calibration.",
            "Play fewer at the same time (--lanes), make room, or keep the weights small (--weights-megabytes)."),
    ];
}
