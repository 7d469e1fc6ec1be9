using System.Runtime.InteropServices;
using System.Text;

namespace Titer.Tournament;

/// <summary>
/// Many results in one block of bytes, for an index that is derived from their files and made again when it is missed: what results repeat is there
/// once, and points are there as <see cref="PackedPoints"/> keeps them, to be read without parsing. Of no use to another machine
/// or another build; whoever keeps one sees to it that nobody has changed it.
/// </summary>
public static class ResultBlock
{
    /// <param name="results">As they were read from their files.</param>
    public static byte[] Of(IEnumerable<PhaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var (names, lists, environments) = (new Repeated<string>(), new Repeated<IReadOnlyList<string>>(), new Repeated<PlayEnvironment>());
        using var body = new MemoryStream();
        var to = new BinaryWriter(body);
        var count = 0;
        foreach (var result in results)
        {
            count++;
            to.Write(result.PhaseId);
            to.Write(IsAttack(result));
            // Its length comes before it: a reader passes by what it does not want.
            var length = (int)body.Position;
            to.Write(0);
            if (IsAttack(result)) WriteAttack(to, result, names, lists, environments);
            else to.Write(Encoding.UTF8.GetBytes(TournamentJson.Serialize(result)));
            var end = (int)body.Position;
            body.Position = length;
            to.Write(end - length - sizeof(int));
            body.Position = end;
        }

        using var block = new MemoryStream();
        var whole = new BinaryWriter(block);
        WriteAll(whole, names.All, whole.Write);
        WriteAll(whole, lists.All, list => WriteAll(whole, list, whole.Write));
        WriteAll(whole, environments.All, e =>
        {
            WriteAll<string>(whole, [e.Runtime, e.Libraries, e.OperatingSystem, e.Device], whole.Write);
            WriteOptional(whole, e.Walls);
        });
        whole.Write(count);
        body.WriteTo(block);
        return block.ToArray();
    }

    /// <summary>Results of a block, in its order; null where one is not wanted.</summary>
    /// <param name="block">Just as it was made, by this build.</param>
    /// <param name="isWanted">Asked with the phase's id.</param>
    /// <param name="reader">Keeps what results repeat.</param>
    public static PhaseResult?[] Read(ReadOnlySpan<byte> block, Func<string, bool> isWanted, PhaseResultReader reader)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        ArgumentNullException.ThrowIfNull(reader);
        var from = new ByteCursor(block);
        var names = from.Texts();
        var lists = new IReadOnlyList<string>[from.Next<int>()];
        for (var i = 0; i < lists.Length; i++) lists[i] = reader.Shared(from.Texts());
        var environments = new PlayEnvironment[from.Next<int>()];
        for (var i = 0; i < environments.Length; i++)
        {
            var texts = from.Texts();
            environments[i] = reader.Shared(new PlayEnvironment(texts[0], texts[1], texts[2], texts[3]) { Walls = from.OptionalText() });
        }

        var results = new PhaseResult?[from.Next<int>()];
        for (var i = 0; i < results.Length; i++)
        {
            var (id, isAttack) = (from.Text(), from.Next<bool>());
            var bytes = from.Next(from.Next<int>());
            if (!isWanted(id)) continue;
            results[i] = isAttack ? ReadAttack(bytes, id, names, lists, environments, reader.Scores) : reader.Read(bytes);
        }

        return results;
    }

    /// <summary>Nearly all results are; the others stay JSON.</summary>
    private static bool IsAttack(PhaseResult result) => result is
    {
        Kind: PhaseKind.Attack, Status: PhaseStatus.Done, Code: null, Reason: null, Trace: null, Attack: not null, Assessment: null, Spent: not null,
        Trajectory.Checkpoints: PackedPoints,
    };

    private static void WriteAttack(BinaryWriter to, PhaseResult result, Repeated<string> names, Repeated<IReadOnlyList<string>> lists,
        Repeated<PlayEnvironment> environments)
    {
        var (trajectory, spent) = (result.Trajectory!, result.Spent);
        to.Write(result.Version);
        to.Write(names.Place(result.Defense));
        to.Write(names.Place(result.Attack));
        to.Write((int)result.Exposure);
        to.Write(result.Seed);
        to.Write(result.AttackSeed);
        to.Write(names.Place(result.WeightsHash));
        WriteOptional(to, result.SamplesHash);
        to.Write(spent.Steps);
        to.Write(spent.Samples);
        to.Write(spent.Tokens);
        to.Write(spent.Flops);
        to.Write(spent.WallSeconds);
        to.Write(environments.Place(result.Environment));
        to.Write(result.WallSeconds);
        to.Write(result.PeakMemoryMegabytes);
        to.Write(result.ProcessorSeconds is not null);
        to.Write(result.ProcessorSeconds ?? 0);
        to.Write(lists.Place(trajectory.Templates));
        to.Write(lists.Place(trajectory.HarmPrompts));
        to.Write(lists.Place(trajectory.UtilityPrompts));
        to.Write(trajectory.IsStopped);
        to.Write(trajectory.IsGivenUp);
        WritePoints(to, (PackedPoints)trajectory.Checkpoints);
    }

    private static PhaseResult ReadAttack(ReadOnlySpan<byte> bytes, string id, string[] names, IReadOnlyList<string>[] lists,
        PlayEnvironment[] environments, SharedScores scores)
    {
        var from = new ByteCursor(bytes);
        return new PhaseResult
        {
            PhaseId = id,
            Kind = PhaseKind.Attack,
            Status = PhaseStatus.Done,
            Version = from.Next<int>(),
            Defense = from.Placed(names)!,
            Attack = from.Placed(names),
            Exposure = (Exposure)from.Next<int>(),
            Seed = from.Next<int>(),
            AttackSeed = from.Next<int>(),
            WeightsHash = from.Placed(names),
            SamplesHash = from.OptionalText(),
            Spent = new Spent
            {
                Steps = from.Next<long>(),
                Samples = from.Next<long>(),
                Tokens = from.Next<long>(),
                Flops = from.Next<double>(),
                WallSeconds = from.Next<double>(),
            },
            Environment = from.Placed(environments),
            WallSeconds = from.Next<double>(),
            PeakMemoryMegabytes = from.Next<double>(),
            ProcessorSeconds = (from.Next<bool>(), from.Next<double>()) is (true, var seconds) ? seconds : null,
            Trajectory = new Trajectory
            {
                Templates = from.Placed(lists)!,
                HarmPrompts = from.Placed(lists)!,
                UtilityPrompts = from.Placed(lists)!,
                IsStopped = from.Next<bool>(),
                IsGivenUp = from.Next<bool>(),
                Checkpoints = ReadPoints(ref from, scores),
            },
        };
    }

    private static void WritePoints(BinaryWriter to, PackedPoints points)
    {
        to.Write(points.Templates);
        to.Write(points.HarmPrompts);
        to.Write(points.UtilityPrompts);
        to.Write(points.Figures.Length);
        to.Write(MemoryMarshal.AsBytes<PointFigures>(points.Figures));
        WriteScores(to, points.Harm);
        to.Write(points.HarmCoherence is not null);
        if (points.HarmCoherence is { } coherence) WriteScores(to, coherence);
        WriteScores(to, points.Utility);
    }

    private static PackedPoints ReadPoints(ref ByteCursor from, SharedScores shared)
    {
        var (templates, prompts, benign) = (from.Next<int>(), from.Next<int>(), from.Next<int>());
        var figures = from.Many<PointFigures>(from.Next<int>()).ToArray();
        var harm = ReadScores(ref from, shared);
        var coherence = from.Next<bool>() ? ReadScores(ref from, shared) : (ScoreBits?)null;
        return new PackedPoints(figures, harm, coherence, ReadScores(ref from, shared), templates, prompts, benign);
    }

    private static void WriteScores(BinaryWriter to, ScoreBits scores)
    {
        to.Write(scores.Bits);
        to.Write(scores.Values.Length);
        to.Write(MemoryMarshal.AsBytes<double>(scores.Values));
        to.Write(scores.Indices.Length);
        to.Write(scores.Indices);
    }

    private static ScoreBits ReadScores(ref ByteCursor from, SharedScores shared)
    {
        var bits = from.Next<byte>();
        var values = shared.Of(from.Many<double>(from.Next<int>()));
        return new ScoreBits(values, from.Next(from.Next<int>()).ToArray(), bits);
    }

    private static void WriteAll<T>(BinaryWriter to, IReadOnlyCollection<T> items, Action<T> write)
    {
        to.Write(items.Count);
        foreach (var item in items) write(item);
    }

    private static void WriteOptional(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        if (text is not null) to.Write(text);
    }

    /// <summary>What a block has once; lists that one reader read are the same list where they are equal.</summary>
    private sealed class Repeated<T>
        where T : class
    {
        private readonly Dictionary<T, int> _places = [];
        private readonly List<T> _all = [];

        public IReadOnlyCollection<T> All => _all;

        /// <returns>-1 for null.</returns>
        public int Place(T? item)
        {
            if (item is null) return -1;
            if (_places.TryGetValue(item, out var place)) return place;
            _places.Add(item, _all.Count);
            _all.Add(item);
            return _all.Count - 1;
        }
    }
}
