using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Titer.Models;

namespace Titer.Scenarios.Tests;

/// <summary>The embedded subject with its weights as a shard under an index.</summary>
public sealed class SubjectWeightsTests : IDisposable
{
    private const string Shard = "model-00001-of-00001.safetensors";
    private readonly ScenarioCopy _copy = new();

    public SubjectWeightsTests()
    {
        var names = new JsonObject();
        using (var file = File.OpenRead(_copy.Weights))
        {
            var length = new byte[8];
            file.ReadExactly(length);
            var header = new byte[BitConverter.ToInt64(length)];
            file.ReadExactly(header);
            foreach (var (name, _) in JsonNode.Parse(header)!.AsObject())
                if (name != "__metadata__") names[name] = Shard;
        }

        File.Move(_copy.Weights, Inside(Shard));
        File.WriteAllText(Index, new JsonObject { ["weight_map"] = names }.ToJsonString());
        Pin();
    }

    private string Index => Inside("model.safetensors.index.json");

    public void Dispose() => _copy.Dispose();

    [Fact]
    public void A_sharded_subject_is_pinned_by_its_index_and_shards_and_answers_as_the_whole_one()
    {
        var session = ScenarioSession.Open(Scenario.Open(_copy.Folder).Whole(), DeviceSelection.Open("cpu"));
        var whole = ScenarioSession.Open(Scenario.Open("apothecary").Whole(), DeviceSelection.Open("cpu"));
        using var model = session.LoadSubject();
        using var same = whole.LoadSubject();

        Assert.Equal(whole.ReferencePerplexity(same), session.ReferencePerplexity(model));
        Assert.True(session.Scenario.SubjectIsUnchanged);
        File.SetLastWriteTimeUtc(Inside(Shard), DateTime.UnixEpoch);
        Assert.False(session.Scenario.SubjectIsUnchanged);
    }

    [Fact]
    public void A_change_in_the_index_or_a_shard_is_refused()
    {
        File.AppendAllText(Index, " ");
        AssertRefused("TITER506", "pinned is");
        File.WriteAllText(Index, File.ReadAllText(Index).TrimEnd());
        Assert.Equal("apothecary", Scenario.Open(_copy.Folder).Id);
        File.AppendAllText(Inside(Shard), " ");
        AssertRefused("TITER506", "pinned is");
    }

    [Fact]
    public void A_shard_that_is_missing_or_outside_and_an_index_that_is_none_are_refused()
    {
        var index = File.ReadAllText(Index);
        File.WriteAllText(Index, index.Replace(Shard, "../" + Shard, StringComparison.Ordinal));
        AssertRefused("TITER534", "outside its folder");
        File.WriteAllText(Index, "{}");
        AssertRefused("TITER534", "Not a shard index");
        File.WriteAllText(Index, index);
        File.Delete(Inside(Shard));
        AssertRefused("TITER505", Shard);
    }

    [Fact]
    public void Of_two_saves_in_one_folder_the_one_file_is_read_as_Transformers_does_and_both_are_named()
    {
        File.Copy(Inside(Shard), _copy.Weights);
        AssertRefused("TITER506", "both model.safetensors and, of another save, shards under model.safetensors.index.json");

        _copy.Edit(Hash(), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_copy.Weights))));
        Assert.Equal("apothecary", Scenario.Open(_copy.Folder).Id);
    }

    [Theory]
    [InlineData("pytorch_model-00001-of-00001.bin", "TITER505", "a pickle")]
    [InlineData("model.gguf", "TITER505", "llama.cpp")]
    public void What_lies_in_place_of_the_weights_is_said(string name, string code, string fact)
    {
        File.Delete(Index);
        File.Move(Inside(Shard), Inside(name));
        AssertRefused(code, fact);
    }

    [Fact]
    public void A_Git_LFS_pointer_in_place_of_the_weights_is_said_before_any_hash()
    {
        File.WriteAllText(Inside(Shard), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n");
        Assert.StartsWith("TITER420", Assert.Throws<Models.Checkpoints.CheckpointException>(() => Scenario.Open(_copy.Folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_subject_may_lie_outside_the_scenarios_folder()
    {
        using var elsewhere = new ScenarioCopy();
        elsewhere.Edit("folder: subject", $"folder: {Path.GetRelativePath(elsewhere.Folder, Path.Combine(_copy.Folder, "subject"))}");
        elsewhere.Edit(File.ReadAllLines(elsewhere.SettingsFile).Single(line => line.Contains("sha256:", StringComparison.Ordinal)),
            $"  sha256: {Hash()}");

        Assert.Equal(Path.Combine(_copy.Folder, "subject"), Scenario.Open(elsewhere.Folder).SubjectFolder);
    }

    private string Inside(string name) => Path.Combine(_copy.Folder, "subject", name);

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(Index), .. File.ReadAllBytes(Inside(Shard))]));

    private void Pin() =>
        _copy.Edit(File.ReadAllLines(_copy.SettingsFile).Single(line => line.Contains("sha256:", StringComparison.Ordinal)), $"  sha256: {Hash()}");

    private void AssertRefused(string code, string fact)
    {
        var message = Assert.Throws<ScenarioException>(() => Scenario.Open(_copy.Folder)).Message;
        Assert.Contains(code, message, StringComparison.Ordinal);
        Assert.Contains(fact, message, StringComparison.Ordinal);
    }
}
