using Titer.Files;
using Titer.League.Submissions;
using Titer.Plugins;
using Titer.Plugins.Packaging;
using Titer.Plugins.Watching;

namespace Titer.League.Catalog;

/// <summary>What the gate made of a drop: a build, which may lie in a folder that goes away with this, or the reason to refuse it.</summary>
internal sealed class InspectedDrop : IDisposable
{
    private readonly ScratchFolder? _unpacked;

    private InspectedDrop(PluginVerdict verdict, ScratchFolder? unpacked) => (Verdict, _unpacked) = (verdict, unpacked);

    public PluginVerdict Verdict { get; }

    /// <summary>What an author handed in; null for every other drop.</summary>
    public ReadSubmission? Submission { get; private init; }

    /// <summary>Inspects by metadata alone: no code of the drop runs. Never throws for what is in it.</summary>
    /// <param name="desk">Null where the league takes no submissions.</param>
    public static InspectedDrop Of(Drop drop, PluginGate gate, SubmissionDesk? desk = null) => drop.Kind switch
    {
        DropKind.Package => OfPackage(drop, gate),
        DropKind.Submission when desk is not null => OfSubmission(drop, desk),
        DropKind.Submission => new(Refused(drop, new PluginProblem("TITER731", $"'{drop.Path}' was handed in, and this league takes no submissions.",
            "Add 'submissions' to the league's file.")), null),
        DropKind.LooseAssembly => new(Refused(drop, new PluginProblem("TITER681", $"'{drop.Path}' lies in no folder of its own.",
            "A plugin is a folder: make one, and copy the dll and what it needs into it.")), null),
        _ => new(gate.Inspect(drop.Path), null),
    };

    public void Dispose() => _unpacked?.Dispose();

    private static InspectedDrop OfPackage(Drop drop, PluginGate gate)
    {
        var unpacked = ScratchFolder.Create();
        try
        {
            var home = new TiterHome(unpacked.Path);
            var outcome = new PluginInstaller(home, gate).Install(drop.Path);
            if (outcome.Record is { } record) return new(gate.Inspect(Path.Combine(home.PluginsFolder, record.Id)), unpacked);
            unpacked.Dispose();
            return new(Refused(drop, outcome.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error) ?? outcome.Problems[0]), null);
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }

    private static InspectedDrop OfSubmission(Drop drop, SubmissionDesk desk)
    {
        var unpacked = ScratchFolder.Create();
        try
        {
            var read = desk.Read(drop.Path, unpacked.Path);
            return new(read.Verdict, unpacked) { Submission = read };
        }
        catch
        {
            unpacked.Dispose();
            throw;
        }
    }

    private static PluginVerdict Refused(Drop drop, PluginProblem problem) => new(drop.Path, Path.GetFileName(drop.Path), null, [problem]);
}
