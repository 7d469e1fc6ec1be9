using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Titer.Models.Checkpoints;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Runtime.Results;
using Titer.Runtime.Workers;
using Titer.Scenarios;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Fuzz;

/// <summary>
/// Messages and files of an enemy end as typed refusals, or as something that can be judged: no other exception, whatever the bytes. A sample of a
/// few seconds each time, the whole on demand (its figures stand in tests/Titer.Benchmarks/RESULTS.md).
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-fuzz-").FullName;
    private readonly SmallTournament _tournament = new();
    private readonly PhaseResultReader _reader = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_sample_of_damaged_messages_and_files_is_refused_or_sound()
    {
        Messages(2_000, seed: 1);
        Results(400, seed: 2);
        Samples(150, seed: 3);
        Weights(150, seed: 4);
        Locks(200, seed: 5);
    }

    [Fact(Explicit = true)]
    public void A_hundred_thousand_damaged_messages_are_refused_or_sound() => Messages(100_000, seed: 11);

    [Fact(Explicit = true)]
    public void Twenty_thousand_damaged_files_are_refused_or_sound()
    {
        Results(8_000, seed: 12);
        Samples(4_000, seed: 13);
        Weights(4_000, seed: 14);
        Locks(4_000, seed: 15);
    }

    private void Messages(int count, int seed)
    {
        WireMessage[] sound =
        [
            new HelloMessage(1, 2), new ProgressMessage(new PhaseProgress(PhaseStage.Playing, 3, 1.5, 0.25, PluginCall.Load)),
                new LogMessage(new PhaseLogLine("warning", "made up")),
            new FaultMessage("TITER232", "The disk is full.", true), new LoadingMessage("/a"),
                new LoadedMessage("/a", PluginState.Refused, "TITER101 No."),
            new FindingMessage(new ConformanceFinding(1, "name", ConformanceOutcome.Warned, "TITER801", "fact", "fix")), new MatchEndMessage(true),
                new RetiredMessage(1, "a timer"),
            .. _tournament.Results.Values.Select(r => new ResultMessage(r)), new ResultMessage(Failed()), new MatchMessage(_tournament.Spec),
                new StartMessage(Order()), new MeasureMessage(null), new MeasureMessage(new ToMeasure(null, [new("sudo")])),
                new MeasuredMessage(true, null), new MeasuredMessage(false, 0.5, 0.01, "TITER312 Too long."), new GoOnMessage(true),
                new AskMessage([new("sudo", "sudo {prompt}"), new("sure", AnswerBeginning: "Sure, ")]),
        ];
        var lines = sound.Select(m => JsonSerializer.SerializeToUtf8Bytes(m, WireJson.Default.WireMessage)).ToArray();
        Assert.All(lines, line => Assert.NotNull(WireReader.Read(new ReadOnlySequence<byte>(line))));
        Many("messages", count, seed, (mutator, i) =>
        {
            var line = mutator.Damage(lines[mutator.Next(lines.Length)]);
            try
            {
                return WireReader.Read(new ReadOnlySequence<byte>(line)) is not ResultMessage { Result: var result } || IsJudged(result, i);
            }
            catch (JsonException)
            {
                return false;
            }
        });
    }

    private void Results(int count, int seed)
    {
        var texts = _tournament.Results.Values.Append(Failed()).Select(r => TournamentJson.Serialize(r).TrimEnd('\n')).ToArray();
        var (file, key) = (Path.Combine(_folder, "result.json"), ResultKey.OfThisProcess());
        Many("results", count, seed, (mutator, i) =>
        {
            var json = mutator.Damage(Encoding.UTF8.GetBytes(texts[mutator.Next(texts.Length)]));
            // Half of them by somebody who knows how a checksum is made.
            var ending = Encoding.UTF8.GetBytes($",\"checksum\":\"{Convert.ToHexStringLower(SHA256.HashData(json))}\"}}\n");
            File.WriteAllBytes(file, i % 2 == 0 || json.Length == 0 ? json : [.. json[..^1], .. ending]);
            try
            {
                return IsJudged(PhaseFile.Read(file, key, _reader).Result, i);
            }
            catch (InvalidDataException)
            {
                return false;
            }
        });
    }

    private void Samples(int count, int seed)
    {
        var result = _tournament.Results.Values.First(r => r.Trajectory is not null);
        var (t, file) = (result.Trajectory!, Path.Combine(_folder, "samples.jsonl.gz"));
        SampleFile.Write(file,
            t.Checkpoints.SelectMany(c => t.HarmPrompts.Select(p => new StepSample(c.Step, new Sample(SampleSet.Harm, "chat", p, "an answer")))
            .Concat(t.UtilityPrompts.Select(p => new StepSample(c.Step, new Sample(SampleSet.Utility, null, p, "another"))))));
        Assert.Null(SampleFile.Problem(file, result));
        var packed = File.ReadAllBytes(file);
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)) gzip.CopyTo(unpacked);
        Many("samples", count, seed, (mutator, i) =>
        {
            if (i % 2 == 0)
            {
                File.WriteAllBytes(file, mutator.Damage(packed));
            }
            else
            {
                using var gzip = new GZipStream(File.Create(file), CompressionLevel.Fastest);
                gzip.Write(mutator.Damage(unpacked.ToArray()));
            }

            return SampleFile.Problem(file, result) is null;
        });
    }

    private void Weights(int count, int seed)
    {
        var subject = Scenario.Open("apothecary").SubjectFolder;
        var (bytes, file) = (File.ReadAllBytes(Path.Combine(subject, "model.safetensors")), Path.Combine(_folder, "model.safetensors"));
        var header = 8 + (int)BitConverter.ToInt64(bytes);
        Many("weights", count, seed, (mutator, i) =>
        {
            // The header is where a format can be lied about; the rest is numbers.
            byte[] damaged = i % 4 == 0 ? mutator.Damage(bytes) : [.. mutator.Damage(bytes[..header]), .. bytes[header..]];
            if (i % 4 == 1) BitConverter.TryWriteBytes(damaged, damaged.Length - (bytes.Length - header) - 8L);
            File.WriteAllBytes(file, damaged);
            return WeightsCheck.Compare(subject, file) is null;
        });
    }

    private void Locks(int count, int seed)
    {
        var text = Encoding.UTF8.GetBytes(TournamentJson.Serialize(_tournament.Spec));
        using var folder = RunFolder.Open(Path.Combine(_folder, $"run-{seed}"));
        Many("lock files", count, seed, (mutator, i) =>
        {
            File.WriteAllBytes(folder.LockFile, mutator.Damage(text));
            try
            {
                var spec = RunRecords.ReadSpec(folder);
                var plan = TournamentPlan.From(spec);
                _ = ReportPage.Write(Titer.Tournament.Scoring.TournamentFold.Report(spec, plan, _tournament.Results));
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        });
    }

    /// <summary>Whether it was taken; then it must be judged without an exception.</summary>
    private bool IsJudged(PhaseResult result, int i)
    {
        if (_tournament.Plan.Phases.FirstOrDefault(p => p.Id == result.PhaseId) is not { } phase) return false;
        var steps = ResultStore.LimitsOf(_tournament.Spec, phase).Steps;
        // As a run looks at it, and as a report that has no scenario.
        if (PhaseResultCheck.Problem(phase, result, steps, i % 2 == 0 ? _tournament.Asked : null) is not null) return false;
        if (PhaseResultCheck.Problem(phase, result, steps, AskedPrompts.MostOf([.. _tournament.Results.Values, result])) is not null) return false;
        _tournament.Judge(PhaseFile.Parse(PhaseFile.Text(result), _reader));
        return true;
    }

    private PhaseResult Failed() => _tournament.Results.Values.First(r => r.Kind == PhaseKind.Attack)
        with { Status = PhaseStatus.Error, Code = "TITER201", Reason = "it threw", Trajectory = null };

    private PhaseOrder Order() => new()
    {
        Phase = _tournament.Plan.Phases[0],
        ScenarioPartFile = "/part",
        SubjectFolder = "/subject",
        Device = "cpu",
        Limits = _tournament.Spec.AttackLimits,
        ScratchFolder = "/scratch",
    };

    private static void Many(string what, int count, int seed, Func<Mutator, int, bool> isTaken)
    {
        var (taken, began) = (0, TimeProvider.System.GetTimestamp());
        for (var i = 0; i < count; i++)
        {
            try
            {
                if (isTaken(new Mutator((seed * 1_000_003) + i), i)) taken++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{what} {i} (seed {seed}): {e.GetType().Name}: {e.Message}", e);
            }
        }

        // A mutator that breaks everything at the first byte would prove nothing.
        Assert.InRange(taken, 1, count - 1);
        TestContext.Current.TestOutputHelper!.WriteLine($"{count} {what}: {taken} taken, {count - taken} refused, "
            + $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
    }
}
