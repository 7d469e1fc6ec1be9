using System.Globalization;
using Titer.Models.Checkpoints;
using Titer.Models.Llama;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>A defended model is kept once, on disk; every attack on it changes pages of its own.</summary>
public sealed class MappedWeightsTests
{
    /// <summary>33 million scalars, 132 MB: more than anything that comes and goes beside it.</summary>
    private static readonly LlamaConfig Large =
        Tiny.Config with { VocabSize = 8192, HiddenSize = 512, IntermediateSize = 1376, NumHiddenLayers = 9, NumAttentionHeads = 8,
            NumKeyValueHeads = 8 };

    [Fact]
    public void What_one_match_changes_no_other_match_sees_and_the_file_stays()
    {
        using var folder = new TestFolder();
        using var written = Tiny.Model(3);
        CheckpointWriter.Write(written, folder.Path);
        var file = Path.Combine(folder.Path, CheckpointFiles.WeightsFile);
        var bytes = File.ReadAllBytes(file);

        using var first = CheckpointReader.Read(folder.Path, Fixtures.Cpu());
        using var second = CheckpointReader.Read(folder.Path, Fixtures.Cpu());
        using (torch.no_grad()) first.Arena.Flat.mul_(3);

        Assert.True(second.Arena.HasSameValues(written.Arena));
        Assert.False(first.Arena.HasSameValues(written.Arena));
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void Eight_models_of_one_file_cost_the_memory_of_their_gradients_until_they_are_trained()
    {
        Assert.SkipUnless(File.Exists("/proc/self/smaps"), "This system does not tell what a process shares.");
        using var folder = new TestFolder();
        using (var written = Tiny.Model(3, Large)) CheckpointWriter.Write(written, folder.Path);
        var file = Path.Combine(folder.Path, CheckpointFiles.WeightsFile);
        var megabytes = new FileInfo(file).Length / 1e6;

        var models = Enumerable.Range(0, 8).Select(_ => CheckpointReader.Read(folder.Path, Fixtures.Cpu())).ToArray();
        using (torch.NewDisposeScope())
        using (torch.no_grad())
        {
            Assert.All(models, m => Assert.True(double.IsFinite(m.Arena.Flat.sum().item<float>())));
            Assert.Equal(0, PrivateMegabytes(file), 1.0);
            models[0].Arena.Flat.add_(1);
            Assert.Equal(megabytes, PrivateMegabytes(file), megabytes / 10);
        }

        foreach (var model in models) model.Dispose();
    }

    [Fact]
    public void A_file_in_another_order_or_type_is_read()
    {
        using var folder = new TestFolder();
        using var written = Tiny.Model(3);
        CheckpointWriter.Write(written, folder.Path);
        var file = Path.Combine(folder.Path, CheckpointFiles.WeightsFile);

        Assert.NotNull(MappedWeights.TryOpen(file, Tiny.Config.Layout(), Fixtures.Cpu()));
        Assert.Null(MappedWeights.TryOpen(file, [.. Tiny.Config.Layout().Reverse()], Fixtures.Cpu()));
        Assert.Null(MappedWeights.TryOpen(file, Tiny.Config.Layout(), DeviceSelection.Open("cpu", ScalarType.BFloat16)));
        SafetensorsWriter.Write(file, [.. written.Parameters.Reverse()]);
        using var read = CheckpointReader.Read(folder.Path, Fixtures.Cpu());

        Assert.True(read.Arena.HasSameValues(written.Arena));
    }

    /// <summary>Pages of mappings of the file that are this process' own.</summary>
    private static double PrivateMegabytes(string file)
    {
        var kilobytes = 0.0;
        var inFile = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            // A mapping's own line begins with its address, its figures with a capital letter.
            if (!char.IsAsciiLetterUpper(line[0])) inFile = line.EndsWith(file, StringComparison.Ordinal);
            else if (inFile && line.StartsWith("Private_Dirty:", StringComparison.Ordinal))
                kilobytes += double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }

        return kilobytes / 1000;
    }
}
