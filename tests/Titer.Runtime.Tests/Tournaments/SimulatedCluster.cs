using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Titer.Benchmarks.Scale;
using Titer.Files;
using Titer.Runtime.Configuration;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Runtime.Tournaments;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Tournaments;

/// <summary>
/// Workers that play made-up phases at the same time and commit them by themselves, as a cluster's jobs do, each with a store of its own. By a
/// seeded draw per phase and try one dies before it commits, dies after it, or has a twin that was given the same phase.
/// </summary>
internal sealed class SimulatedCluster(string folder, ResultKey key, int workers, int seed) : IPhaseEngine
{
    private const double DiesBefore = 0.05;
    private const double DiesAfter = 0.05;
    private const double HasTwin = 0.05;
    private const int MostMilliseconds = 20;

    private readonly ConcurrentDictionary<string, int> _tries = [];
    private int _playing;

    public int Lanes => workers;

    /// <summary>Workers die one by one; none of it is the machine's end.</summary>
    public int MostFaultsInARow => int.MaxValue;

    /// <summary>Most workers that were busy at the same time.</summary>
    public int MostPlaying { get; private set; }

    /// <summary>Times that a phase was given to a worker, twins included.</summary>
    public int Tries => _tries.Values.Sum();

    public int Deaths { get; private set; }

    /// <summary>Where a defense's made-up weights lie, under their hash.</summary>
    public static string WeightsOf(string defendPhaseId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(defendPhaseId)));

    /// <summary>What a phase comes to when nobody disturbs it.</summary>
    public static PhaseResult Play(Phase phase) => SyntheticTournament.Play(phase) with { WeightsHash = WeightsOf(phase.DefendPhaseId ?? phase.Id) };

    public void Change(RunAssets assets) => throw new NotSupportedException();

    public async Task<PhaseOutcome> PlayAsync(PhaseRequest request, Action<PhaseProgress> progressed, CancellationToken drain,
        CancellationToken abort)
    {
        await Task.Yield();
        lock (_tries) MostPlaying = Math.Max(MostPlaying, ++_playing);
        try
        {
            var number = _tries.AddOrUpdate(request.Phase.Id, 1, (_, tries) => tries + 1);
            var random = new Random(HashOf($"{seed} {request.Phase.Id} {number.ToString(CultureInfo.InvariantCulture)}"));
            var (fate, milliseconds) = (random.NextDouble(), random.Next(MostMilliseconds));
            await Task.Delay(milliseconds, CancellationToken.None);
            if (fate < DiesBefore) return Died();
            if (fate is >= DiesBefore + DiesAfter and < DiesBefore + DiesAfter + HasTwin)
            {
                _tries[request.Phase.Id]++;
                // Who comes second finds the first one's.
                var both = await Task.WhenAll(Task.Run(() => Commit(request.Phase, number)), Task.Run(() => Commit(request.Phase, number + 1)));
                return both[0].WallSeconds == both[1].WallSeconds ? new PhaseOutcome(both[0], null) { IsStored = true }
                    : throw new InvalidOperationException($"Two results of {request.Phase.Title}.");
            }

            var result = Commit(request.Phase, number);
            return fate < DiesBefore + DiesAfter ? Died() : new PhaseOutcome(result, null) { IsStored = true };
        }
        finally
        {
            lock (_tries) _playing--;
        }
    }

    public void Dispose()
    {
        // Its workers are tasks that the run waits for.
    }

    private PhaseOutcome Died()
    {
        lock (_tries) Deaths++;
        return new PhaseOutcome(null, "A worker died.");
    }

    /// <summary>Seconds tell one try from another: nothing else of them differs.</summary>
    private PhaseResult Commit(Phase phase, int number)
    {
        using var joined = RunFolder.Join(folder, key);
        if (phase.Kind == PhaseKind.Defend)
            FirstWriterWins.Commit(joined.WeightsFile(WeightsOf(phase.Id)), phase.Id);
        // A job that begins a phase looks first whether somebody has played it.
        var file = joined.PhaseFile(phase.Id);
        return File.Exists(file) ? PhaseFile.Read(file, key, new PhaseResultReader()).Result
            : new ResultStore(joined).Commit(Play(phase) with { WallSeconds = number });
    }

    private static int HashOf(string text) => BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
