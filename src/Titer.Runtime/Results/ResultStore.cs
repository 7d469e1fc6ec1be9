using System.Security.Cryptography;
using System.Text;
using Titer.Files;
using Titer.Scenarios;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.Runtime.Results;

/// <summary>
/// Phase results as immutable files, the source of truth of a run: written once, and believed only while they are what was written. What is
/// damaged, misplaced or of other weights is set aside with its reason, and its phase counts as not played.
/// </summary>
/// <param name="scenario">What the results must speak of; null reads them without.</param>
/// <param name="clock">Null is the machine's.</param>
internal sealed class ResultStore(RunFolder folder, Scenario? scenario = null, TimeProvider? clock = null)
{
    private readonly Dictionary<string, (string TextHash, PhaseResult Result)> _written = [];
    private readonly ResultNotices _notices = new();
    private readonly PhaseResultReader _reader = new();
    private readonly ResultIndex _index = new(folder, clock ?? TimeProvider.System);
    private AskedPrompts? _asked = scenario is null ? null : AskedOf(scenario);

    /// <inheritdoc cref="ResultNotices.All"/>
    public IReadOnlyCollection<string> Notices => _notices.All;

    /// <summary>How many results were taken from the folder's index, without opening their files.</summary>
    public int FromIndex => _index.Found;

    /// <inheritdoc cref="ResultNotices.Unsealed"/>
    public string? Unsealed => _notices.Unsealed;

    /// <summary>
    /// A tournament's plan, with the re-runs that its stored results call for, and the results that exist already. While the reference is missing
    /// nothing is called for: a queue adopts what is stored of it later.
    /// </summary>
    /// <param name="held">Results that were read or committed by this store already; they are not read again.</param>
    public (TournamentPlan Plan, Dictionary<string, PhaseResult> Results) Load(TournamentSpec spec,
        IReadOnlyDictionary<string, PhaseResult>? held = null)
    {
        var results = new Dictionary<string, PhaseResult>();
        IReadOnlyCollection<PhaseResult> Found(IReadOnlyCollection<Phase> phases)
        {
            var split = phases.ToLookup(p => held?.ContainsKey(p.Id) == true);
            PhaseResult[] found = [.. split[true].Select(p => held![p.Id]), .. Find(spec, split[false], results).Values];
            foreach (var result in found) results[result.PhaseId] = result;
            return found;
        }

        try
        {
            var plan = TournamentPlan.From(spec);
            Found([.. plan.Phases]);
            return (FollowUps.Extend(spec, plan, results, Found), results);
        }
        finally
        {
            _index.Close();
        }
    }

    /// <summary>Results of the phases that exist already and hold.</summary>
    /// <param name="known">Results of the defenses that the phases were played on, where those are not among the phases.</param>
    /// <param name="stored">What has a file, where that was looked up already (<see cref="RunFolder.StoredPhases"/>).</param>
    public Dictionary<string, PhaseResult> Load(TournamentSpec spec, IEnumerable<Phase> phases,
        IReadOnlyDictionary<string, PhaseResult>? known = null, IReadOnlySet<string>? stored = null)
    {
        ArgumentNullException.ThrowIfNull(phases);
        try
        {
            return Find(spec, phases, known, stored);
        }
        finally
        {
            _index.Close();
        }
    }

    private Dictionary<string, PhaseResult> Find(TournamentSpec spec, IEnumerable<Phase> phases,
        IReadOnlyDictionary<string, PhaseResult>? known = null, IReadOnlySet<string>? stored = null)
    {
        var results = new Dictionary<string, PhaseResult>();
        var there = stored ?? folder.StoredPhases();
        Phase[] played = [.. phases.Where(p => there.Contains(p.Id))];
        if (played.Length >= ResultIndex.LeastResults) _index.Open(there, _reader);
        // Defenses first: the others hold for their weights alone.
        foreach (var group in played.GroupBy(p => p.Kind == PhaseKind.Defend).OrderByDescending(g => g.Key))
        {
            Phase[] read = [.. group];
            var found = new PhaseResult?[read.Length];
            Parallel.For(0, read.Length, i =>
            {
                var defended = read[i].DefendPhaseId is { } id ? results.GetValueOrDefault(id) ?? known?.GetValueOrDefault(id) : null;
                found[i] = Read(spec, read[i], defended);
            });
            foreach (var result in found.OfType<PhaseResult>()) results.Add(result.PhaseId, result);
        }

        // Without a scenario results are held against most of them, once it is known what those ask.
        if (_asked is not null || !results.Values.Any(r => r.Trajectory is not null || r.Assessment is not null)) return results;
        _asked = AskedPrompts.MostOf(results.Values);
        foreach (var phase in played.Where(p => results.ContainsKey(p.Id)))
        {
            if (PhaseResultCheck.AskedProblem(phase, results[phase.Id], _asked) is not { } problem) continue;
            SetAside(folder.PhaseFile(phase.Id), "TITER208", problem);
            results.Remove(phase.Id);
        }

        return results;
    }

    /// <summary>What is wrong with a result that a worker sent; null when nothing is.</summary>
    public string? ProblemOf(TournamentSpec spec, Phase phase, PhaseResult result) =>
        PhaseResultCheck.Problem(phase, result, LimitsOf(spec, phase).Steps, _asked);

    /// <summary>Limits of a phase's budget.</summary>
    public static PhaseLimits LimitsOf(TournamentSpec spec, Phase phase)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(phase);
        return phase.Kind switch
        {
            PhaseKind.Defend => spec.DefenseLimits,
            PhaseKind.Attack => spec.AttackLimits,
            _ => spec.TrainabilityLimits,
        };
    }

    /// <summary>Commits a result. A file that is there already without this host's seal is nobody's honest work: it is set aside.</summary>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written to.</exception>
    public PhaseResult Commit(PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var file = folder.PhaseFile(result.PhaseId);
        var text = PhaseFile.Text(result, folder.Key);
        while (!FirstWriterWins.Commit(file, text))
        {
            // Two jobs may have been given the same phase, or two hosts have met: the first one's result is the result.
            if (Sealed(file) is { } first) return first;
            SetAside(file, "TITER214", "appeared while the tournament ran, and is not this run's");
        }

        // As it is stored, rounding included: a report of this process and one from the files are the same.
        var stored = PhaseFile.Parse(text, _reader);
        _written[file] = (HashOf(text), stored);
        _index.AddCommitted(stored);
        return stored;
    }

    private PhaseResult? Sealed(string file)
    {
        try
        {
            return PhaseFile.Read(file, folder.Key, _reader) is (var result, ResultProof.Sealed) ? result : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
    }

    /// <summary>Takes a stored result out: its phase counts as not played.</summary>
    public void Remove(PhaseResult result, string code, string why)
    {
        ArgumentNullException.ThrowIfNull(result);
        var file = folder.PhaseFile(result.PhaseId);
        _written.Remove(file);
        SetAside(file, code, why);
    }

    /// <summary>Takes a result out at the operator's wish, without a word.</summary>
    public void Retire(PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        folder.SetAside(folder.PhaseFile(result.PhaseId));
    }

    /// <summary>From here on only the results of these phases are put back: a run that goes on for long keeps no others in memory.</summary>
    public void GuardOnly(IEnumerable<string> phaseIds)
    {
        ArgumentNullException.ThrowIfNull(phaseIds);
        var guarded = phaseIds.Select(folder.PhaseFile).ToHashSet(StringComparer.Ordinal);
        foreach (var file in _written.Keys.Where(f => !guarded.Contains(f)).ToArray()) _written.Remove(file);
    }

    /// <summary>
    /// Puts back what this run wrote and something else changed or removed: without a sandbox a plugin can reach the run's folder.
    /// </summary>
    /// <returns>The files that were put back.</returns>
    public IReadOnlyList<string> PutBack()
    {
        var changed = _written.Where(w => !IsAsWritten(w.Key, w.Value.TextHash)).Select(w => w.Key).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in changed)
        {
            // A link or a pipe in its place must not be written through.
            if (RegularFile.HashOf(file) is null) folder.SetAside(file);
            ReplacedFile.Write(file, PhaseFile.Text(_written[file].Result, folder.Key));
        }

        return changed;
    }

    private PhaseResult? Read(TournamentSpec spec, Phase phase, PhaseResult? defended)
    {
        var file = folder.PhaseFile(phase.Id);
        // Before the file is read: whatever is written later has another.
        var stamp = RegularFile.ChangeOf(file);
        if (_index.Find(phase.Id, stamp) is { } indexed && (ProblemOf(spec, phase, indexed) ?? WeightsProblem(indexed, defended)) is null)
            return indexed;
        try
        {
            var (result, proof) = PhaseFile.Read(file, folder.Key, _reader);
            if (SealProblem(proof) is { } broken)
            {
                SetAside(file, "TITER236", broken);
                return null;
            }

            var answers = _index.AnswersOf(result);
            if ((ProblemOf(spec, phase, result) ?? WeightsProblem(result, defended) ?? AnswersProblem(result)) is not { } problem)
            {
                if (proof == ResultProof.Unknown) _notices.AddUnsealed(phase.Id);
                else _index.Add(result, stamp, answers);
                return result;
            }

            SetAside(file, "TITER208", problem);
        }
        catch (InvalidDataException e)
        {
            SetAside(file, "TITER208", e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _notices.Add(file, $"TITER208 {file} cannot be read: {e.Message} Its phase counts as not played.");
        }

        return null;
    }

    /// <summary>
    /// What this host plays on must be its own: a result that it did not seal may be anybody's. One that is only read may come from another machine,
    /// which is said (<see cref="Unsealed"/>).
    /// </summary>
    private string? SealProblem(ResultProof proof) => proof switch
    {
        ResultProof.Forged => "it was changed by somebody who does not have this host's key",
        ResultProof.Unknown when folder.IsPlayedIn =>
            "it does not carry this host's seal: it was written elsewhere, or by something else than 'titer run'",
        _ => null,
    };

    private static string? WeightsProblem(PhaseResult result, PhaseResult? defended)
    {
        if (!NamesWeights(result)) return null;
        if (result.WeightsHash is null) return "it does not say of which weights it is";
        return result.Kind != PhaseKind.Defend && defended is { Status: PhaseStatus.Done } && defended.WeightsHash != result.WeightsHash
            ? "it was played on other weights than the defense has now"
            : null;
    }

    private string? AnswersProblem(PhaseResult result)
    {
        if (!NamesWeights(result) || result.Kind == PhaseKind.Defend || result.SamplesHash is not { } hash) return null;
        var samples = folder.SamplesFile(result.PhaseId, hash);
        if (RegularFile.HashOf(samples) == hash) return null;
        if (RunFolder.Has(samples)) folder.SetAside(samples);
        return $"its answers ({Path.GetFileName(samples)}) are missing or were changed";
    }

    /// <summary>Results name what they are of, and what they were taken from, since they have checksums.</summary>
    private static bool NamesWeights(PhaseResult result) =>
        result is { Status: PhaseStatus.Done, Version: >= PhaseFile.FirstVersionWithChecksum };

    private void SetAside(string file, string code, string why)
    {
        if (folder.SetAside(file) is { } place) _notices.Add(file, $"{code} {file}: {why}. It was set aside as {place}; its phase is played again.");
        else _notices.Add(file, $"{code} {file}: {why}. Its phase counts as not played; 'titer run' plays it again.");
    }

    private static bool IsAsWritten(string file, string hash)
    {
        try
        {
            return RegularFile.HashOf(file) == hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static AskedPrompts AskedOf(Scenario scenario) => new(
        [.. scenario.Templates.Select(t => t.Name)],
        new Dictionary<Exposure, IReadOnlyList<string>>
        {
            [Exposure.InDomain] = AskedIds.Harm(scenario, scenario.Domains.Known),
            [Exposure.CrossDomain] = AskedIds.Harm(scenario, scenario.Domains.Withheld),
            [Exposure.None] = AskedIds.Harm(scenario, scenario.Domains.All),
        },
        AskedIds.Utility(scenario), AskedIds.Trainability(scenario));
}
