using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// Lists of prompts, and environments, that many results repeat, each kept once: of a hundred thousand results they would be most of the memory.
/// Thread-safe.
/// </summary>
internal sealed class SharedNames
{
    /// <summary>A scenario has six such lists; where results are of many, the rest is not shared.</summary>
    private const int Most = 64;

    private readonly List<IReadOnlyList<string>> _lists = [];
    private readonly Dictionary<PlayEnvironment, PlayEnvironment> _environments = [];
    private readonly Lock _sharing = new();

    public PhaseResult Shared(PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result with
        {
            Environment = Shared(result.Environment),
            Trajectory = result.Trajectory is not { } t ? null
                : t with { Templates = Shared(t.Templates), HarmPrompts = Shared(t.HarmPrompts), UtilityPrompts = Shared(t.UtilityPrompts) },
            Assessment = result.Assessment is not { } a ? null
                : a with
                {
                    Templates = Shared(a.Templates), HarmPrompts = Shared(a.HarmPrompts), UtilityPrompts = Shared(a.UtilityPrompts),
                    TrainabilityPrompts = Shared(a.TrainabilityPrompts),
                },
        };
    }

    private IReadOnlyList<string> Shared(IReadOnlyList<string> names)
    {
        // A damaged file: whoever checks it says so.
        if (names is null) return names!;
        lock (_sharing)
        {
            if (_lists.Find(l => l.Count == names.Count && l.SequenceEqual(names)) is { } known) return known;
            if (_lists.Count < Most) _lists.Add(names);
            return names;
        }
    }

    private PlayEnvironment? Shared(PlayEnvironment? environment)
    {
        if (environment is null) return null;
        lock (_sharing)
        {
            if (_environments.TryGetValue(environment, out var known)) return known;
            if (_environments.Count < Most) _environments.Add(environment, environment);
            return environment;
        }
    }
}
