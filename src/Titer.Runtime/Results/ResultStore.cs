using System.Text.Json;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Results;

/// <summary>Phase results as immutable files, the source of truth of a run: written once, by whoever finishes first.</summary>
public sealed class ResultStore(RunFolder folder)
{
    private readonly Dictionary<string, string> _written = [];

    /// <summary>A tournament's plan, with the re-runs that its stored sweeps call for, and the results that exist already.</summary>
    /// <exception cref="InvalidDataException">A file is not a result; it names the file.</exception>
    public (TournamentPlan Plan, Dictionary<string, PhaseResult> Results) Load(TournamentSpec spec)
    {
        var plan = TournamentPlan.From(spec);
        var extended = SweepReruns.Extend(spec, plan, plan.WithRefusals(Load(plan)));
        return (extended, Load(extended));
    }

    /// <summary>Results of the planned phases that exist already.</summary>
    /// <exception cref="InvalidDataException">A file is not a result; it names the file.</exception>
    public Dictionary<string, PhaseResult> Load(TournamentPlan plan)
    {
        var results = new Dictionary<string, PhaseResult>();
        foreach (var phase in plan.Phases)
        {
            var file = folder.PhaseFile(phase.Id);
            if (!File.Exists(file)) continue;
            results.Add(phase.Id, Parse(file));
        }

        return results;
    }

    /// <summary>Commits a result; when another writer was first, theirs counts and is returned.</summary>
    public PhaseResult Commit(PhaseResult result)
    {
        var file = folder.PhaseFile(result.PhaseId);
        var text = TournamentJson.Serialize(result);
        if (!FirstWriterWins.Commit(file, text)) return Parse(file);
        _written[file] = text;
        // As it is stored, rounding included: a report of this process and one from the files are the same.
        return TournamentJson.ParsePhaseResult(text);
    }

    /// <summary>
    /// Puts back what this run wrote and something else changed or removed: without a sandbox a plugin can reach the run's folder.
    /// </summary>
    /// <returns>The files that were put back.</returns>
    public IReadOnlyList<string> PutBack()
    {
        var changed = _written.Where(w => !File.Exists(w.Key) || File.ReadAllText(w.Key) != w.Value).Select(w => w.Key).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in changed) ReplacedFile.Write(file, _written[file]);
        return changed;
    }

    private static PhaseResult Parse(string file)
    {
        try
        {
            return TournamentJson.ParsePhaseResult(File.ReadAllText(file));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"TITER208 {file} is not a phase result ({e.Message}). Delete it to play the phase again.", e);
        }
    }
}
