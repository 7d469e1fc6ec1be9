namespace Titer.Cli.Printed;

/// <summary>What <c>status --json</c> prints of a run. (Of a league it prints league.json.)</summary>
/// <param name="Phases">Of the plan, as far as results called for them.</param>
/// <param name="Results">Phases that have a result.</param>
/// <param name="Failed">Of these, no good ones.</param>
/// <param name="Left">Phases that are to be played.</param>
/// <param name="LastProcess">Who played last; null where nobody did.</param>
/// <param name="Jobs">In the queue of a cluster; null where none was asked.</param>
internal sealed record StatusDocument(string Name, int Phases, int Results, int Failed, int Left, LastProcess? LastProcess,
    IReadOnlyList<QueuedJob>? Jobs);

/// <summary>The process that opened the results folder last, by its journal.</summary>
/// <param name="IsThrough">It said its end.</param>
/// <param name="LastEvent">The last that was heard of it, with its phase.</param>
internal sealed record LastProcess(string Host, int Pid, DateTimeOffset OpenedAt, DateTimeOffset LastAt, bool IsThrough, string LastEvent,
    string? Phase);

/// <summary>A job that waits or runs.</summary>
/// <param name="State">As squeue writes it.</param>
/// <param name="Where">The nodes that it runs on, or why it waits.</param>
internal sealed record QueuedJob(string Id, string State, string Where);
