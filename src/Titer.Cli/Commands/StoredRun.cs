using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Results;
using Titer.Tournament;

namespace Titer.Cli.Commands;

/// <summary>A run's results as the verbs read them that play nothing.</summary>
internal sealed class StoredRun : IDisposable
{
    private readonly ResultStore _store;

    private StoredRun(RunFolder folder) => (Folder, Spec, _store) = (folder, RunRecords.ReadSpec(folder), new ResultStore(folder));

    public RunFolder Folder { get; }

    /// <summary>What it was played with.</summary>
    public TournamentSpec Spec { get; }

    /// <param name="path">The results folder, or one of its boards.</param>
    public static StoredRun Open(string path)
    {
        var folder = RunFolder.OpenToRead(path, Key());
        try
        {
            return new StoredRun(folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>This host's key, where it has one.</summary>
    public static ResultKey? Key() => ResultKey.Find(TiterHome.FromEnvironment().ResultKeyFile);

    /// <summary>Plan and results; what of them is damaged is said on stderr.</summary>
    public (TournamentPlan Plan, Dictionary<string, PhaseResult> Results) Load()
    {
        var loaded = _store.Load(Spec);
        foreach (var notice in _store.Notices) Console.Error.WriteLine(notice);
        return loaded;
    }

    /// <summary>The report of what was loaded, with a warning first where this host did not seal it.</summary>
    public TournamentReport Warned(TournamentReport report) =>
        _store.Unsealed is { } unsealed ? report with { Warnings = [unsealed, .. report.Warnings] } : report;

    public void Dispose() => Folder.Dispose();
}
