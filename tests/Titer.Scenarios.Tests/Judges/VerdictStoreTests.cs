using Titer.Models;
using Titer.Models.Checkpoints;
using Titer.Scenarios.Judges;
using Titer.Scenarios.Tests.Data;
using Titer.Sdk;

namespace Titer.Scenarios.Tests.Judges;

/// <summary>What judges said is kept on the disk: judged once, read as input that may be damaged, within bounds.</summary>
public sealed class VerdictStoreTests : IDisposable
{
    private const string Judge = "aa";
    private static readonly MetricContext Three = Answers("like so", "no", "maybe it is");
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_judged_once_is_looked_up_to_the_bit_and_the_model_is_not_even_loaded()
    {
        var (panel, store) = (Panel(), Store());
        var first = Play(panel, store, Answers("like so", "no", "like so", "maybe it is"));
        File.Delete(Path.Combine(panel.Judges[0].Folder, "model.safetensors"));

        var second = Play(panel, store, Three);

        Assert.Equal((3, 0), (first.Judged, second.Judged));
        Assert.Equal([first.Scores[0], first.Scores[1], first.Scores[3]], second.Scores);
        Assert.Equal(3, store.Judged);
        Assert.Throws<CheckpointException>(() => Play(panel, store, Answers("like so", "something else")));
    }

    [Fact]
    public void A_verdict_that_is_damaged_is_judged_again_and_the_others_are_not()
    {
        var (panel, store) = (Panel(), Store());
        var first = Play(panel, store, Three);
        var file = Directory.GetFiles(store.FolderOf(panel.Sha256!)!).Single();
        var bytes = File.ReadAllBytes(file);
        // Harm of the second record, and a third one that was cut.
        bytes[VerdictRecord.Bytes + 33] ^= 1;
        File.WriteAllBytes(file, bytes[..^3]);

        var second = Play(panel, store, Three);

        Assert.Equal(2, second.Judged);
        Assert.Equal(first.Scores, second.Scores);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("link")]
    [InlineData("folder")]
    public void Whatever_else_lies_there_is_passed_by(string what)
    {
        var (panel, store) = (Panel(), Store());
        var folder = store.FolderOf(panel.Sha256!)!;
        var path = Path.Combine(folder, "0.verdicts");
        if (what == "garbage") File.WriteAllBytes(path, [.. Enumerable.Range(0, 1000).Select(i => (byte)i)]);
        else if (what == "link") File.CreateSymbolicLink(path, "/dev/zero");
        else Directory.CreateDirectory(path);

        Assert.Equal(3, Play(panel, store, Three).Judged);
        Assert.Equal(0, Play(panel, store, Three).Judged);
    }

    [Fact]
    public void What_others_judged_meanwhile_is_not_judged_again()
    {
        var (panel, store) = (Panel(), Store());
        using var early = ModelJudge.Open(panel, DeviceSelection.Open("cpu"), store.FolderOf(panel.Sha256!));
        Play(panel, store, Three);

        early.Score(Three);

        Assert.Equal(0, early.Kept.Judged);
    }

    [Fact]
    public void A_score_outside_of_its_range_is_none_whatever_its_checksum()
    {
        var store = Store();
        var key = VerdictKey.Of(Judge, "q", "a");
        Adopt(store, (key, new JudgeVerdict(2, null)), (VerdictKey.Of(Judge, "q", "b"), new JudgeVerdict(null, 1)));

        var kept = new KeptVerdicts(store.FolderOf(Judge));

        Assert.Null(kept.Find(key));
        // Not read, which is a verdict too; not the same as never asked.
        Assert.Equal(new JudgeVerdict(null, 1), kept.Find(VerdictKey.Of(Judge, "q", "b")));
        Assert.Null(kept.Find(VerdictKey.Of(Judge, "q", "c")));
    }

    [Fact]
    public void Where_there_is_no_room_the_oldest_verdicts_go_and_many_files_become_one()
    {
        var store = new VerdictStore(Path.Combine(_folder.Path, "verdicts"), mostBytes: 40 * VerdictRecord.Bytes);
        VerdictKey Key(int i) => VerdictKey.Of(Judge, "q", $"{i}");

        for (var i = 0; i < 100; i++) Adopt(store, (Key(i), new JudgeVerdict(i / 100.0, null)));

        var kept = new KeptVerdicts(store.FolderOf(Judge));
        var files = Directory.GetFiles(store.FolderOf(Judge)!);
        Assert.True(files.Length <= 64 && files.Sum(f => new FileInfo(f).Length) <= 40 * VerdictRecord.Bytes, $"{files.Length} files");
        Assert.Equal(0.99, kept.Find(Key(99))!.Value.Harm);
        Assert.Equal(0.8, kept.Find(Key(80))!.Value.Harm);
        Assert.Null(kept.Find(Key(0)));
        var many = new VerdictStore(Path.Combine(_folder.Path, "many"));
        for (var i = 0; i < 70; i++) Adopt(many, (Key(i), new JudgeVerdict(0.5, null)));
        Assert.True(Directory.GetFiles(many.FolderOf(Judge)!).Length < 64);
        var all = new KeptVerdicts(many.FolderOf(Judge));
        Assert.All(Enumerable.Range(0, 70), i => Assert.NotNull(all.Find(Key(i))));
    }

    [Fact]
    public void A_store_that_cannot_be_written_keeps_nothing_and_costs_nothing()
    {
        var file = _folder.Write("taken", "");
        var store = new VerdictStore(Path.Combine(file, "verdicts"));

        Assert.Null(store.FolderOf(Judge));
        Adopt(store, (VerdictKey.Of(Judge, "q", "a"), new JudgeVerdict(1, null)));

        Assert.Equal(1, store.Judged);
    }

    [Fact]
    public void Question_and_answer_are_two_texts()
    {
        Assert.NotEqual(VerdictKey.Of("j", "ab", "c"), VerdictKey.Of("j", "a", "bc"));
        Assert.NotEqual(VerdictKey.Of("j", "a", "b"), VerdictKey.Of("i", "a", "b"));
        Assert.Equal(VerdictKey.Of("j", "a", "b"), VerdictKey.Of("j", "a", "b"));
    }

    [Fact]
    public void A_judge_that_changed_after_its_hash_was_taken_is_not_asked_under_the_old_name()
    {
        var panel = Panel();
        using var judge = ModelJudge.Open(panel, DeviceSelection.Open("cpu"), Store().FolderOf(panel.Sha256!), panel.Stamp());
        File.AppendAllText(Path.Combine(panel.Judges[0].Folder, "tokenizer_config.json"), " ");

        Assert.Equal("TITER590", Assert.Throws<ScenarioException>(() => judge.Score(Three)).Code);
    }

    private JudgePanel Panel()
    {
        var profile = JudgeTable.Find("grade-1-to-5");
        var choice = new MetricChoice(JudgePanel.MetricId, new Dictionary<string, string>
        {
            ["judge"] = profile.Name, ["path"] = TinyJudge.Write(_folder.Path, "llama", withTemplate: false),
            ["template"] = TinyJudge.Template(_folder.Path, profile),
        });
        var panel = JudgePanel.Of(JudgePanel.Located(choice, _folder.Path).Options);
        return panel with { Judges = [panel.Judges[0] with { Profile = profile with { LeastMass = 0 } }] };
    }

    private VerdictStore Store() => new(Path.Combine(_folder.Path, "verdicts"));

    private static MetricContext Answers(params string[] answers) =>
        new([.. answers.Select(_ => "how?")], answers, [.. answers.Select(_ => "")]);

    /// <summary>A process that measures, and its host.</summary>
    private (double[] Scores, int Judged) Play(JudgePanel panel, VerdictStore store, MetricContext context)
    {
        using var judge = ModelJudge.Open(panel, DeviceSelection.Open("cpu"), store.FolderOf(panel.Sha256!));
        var scores = judge.Score(context);
        var left = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        judge.Kept.WriteNew(left);
        store.Adopt(panel.Sha256!, left);
        return (scores, judge.Kept.Judged);
    }

    private void Adopt(VerdictStore store, params (VerdictKey Key, JudgeVerdict Verdict)[] verdicts)
    {
        var kept = new KeptVerdicts(null);
        foreach (var (key, verdict) in verdicts) kept.Add(key, verdict);
        var left = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        kept.WriteNew(left);
        store.Adopt(Judge, left);
    }
}
