using Titer.Files;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tournaments;

/// <summary>A scenario, cut into the files that phases may see; they go away with the run.</summary>
internal sealed class ScenarioParts : IDisposable
{
    private readonly ScratchFolder _folder = ScratchFolder.Create();

    public ScenarioParts(Scenario scenario)
    {
        foreach (var audience in Enum.GetValues<ScenarioAudience>()) scenario.PartFor(audience).Write(FileOf(audience));
    }

    public string FileFor(PhaseKind kind) => FileOf(kind switch
    {
        PhaseKind.Defend => ScenarioAudience.Defender,
        PhaseKind.Attack => ScenarioAudience.Attacker,
        _ => ScenarioAudience.Assessor,
    });

    public void Dispose() => _folder.Dispose();

    private string FileOf(ScenarioAudience audience) => Path.Combine(_folder.Path, $"{audience.ToString().ToLowerInvariant()}.json");
}
