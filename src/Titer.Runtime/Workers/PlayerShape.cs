using Titer.Runtime.Phases;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// What a process that runs a stranger's code is started with: limits and large files, and nothing of what it is to do. Whether it plays, is
/// checked or is only loaded, it comes up the same way, and is told by its first message.
/// </summary>
/// <param name="MemoryMegabytes">Resident memory that it may use; null means no limit.</param>
/// <param name="ParentFolder">Of the subject's public parent, which an attack may see; null for a defense.</param>
internal sealed record PlayerShape(bool UsesGpu, double? MemoryMegabytes, string SubjectFolder, string? AdapterFolder, string? ParentFolder)
{
    /// <summary>Paths that a program which entered is, and reads, a line each; empty for a plugin.</summary>
    public string Program { get; init; } = "";

    private const string Cpu = "cpu";
    private const string EmbeddedScenario = "apothecary";

    /// <summary>What every process of this shape reads: large, and the same for a whole run.</summary>
    public IEnumerable<string> Models => new[] { SubjectFolder, AdapterFolder, ParentFolder }.OfType<string>()
        .Concat(Program.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Of the process that plays the phase.</summary>
    public static PlayerShape Of(PhaseOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new PlayerShape(order.Device != Cpu, order.Limits.MemoryMegabytes, order.SubjectFolder, order.AdapterFolder,
            order.Phase.Kind == PhaseKind.Attack ? order.ParentFolder : null)
        {
            Program = order.Program is { } program ? string.Join('\n', [program.Folder, .. program.Reads]) : "",
        };
    }

    /// <summary>Of a process that plays in the embedded tournament.</summary>
    public static PlayerShape Embedded()
    {
        var scenario = Scenario.Open(EmbeddedScenario);
        return Of(scenario, scenario.Budgets.WorkerMegabytes, Cpu, isAttack: true);
    }

    /// <summary>Of the process that plays a defense or an attack in a tournament of that scenario.</summary>
    public static PlayerShape Of(Scenario scenario, double? megabytes, string device, bool isAttack)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new PlayerShape(device != Cpu, megabytes, scenario.SubjectFolder, scenario.AdapterFolder,
            isAttack ? scenario.ParentFolder : null);
    }
}
