using System.Buffers.Binary;
using Titer.Models.Checkpoints;
using Titer.Models.Tests.Gpt2;
using Titer.Sdk.Models;
using TorchSharp;

namespace Titer.Models.Tests;

/// <summary>Defended weights leave in the form that the subject came in, whatever the model computed in.</summary>
public sealed class ReleaseTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The model computes in float32; its own type would be refused.</summary>
    [Fact]
    public void A_sharded_bfloat16_subject_is_released_as_it_came()
    {
        var subject = SharedFiles.Require("stories260K-hf-sharded-bf16");
        using var model = CheckpointReader.Read(subject, Fixtures.Cpu());
        CheckpointWriter.WriteWeights(model, _folder.File("wide"));
        CheckpointWriter.WriteWeights(model, _folder.File("released"), subject);

        Assert.Contains("has type F32, the subject's has BF16", WeightsCheck.Compare(subject, _folder.File("wide")), StringComparison.Ordinal);
        Assert.Null(WeightsCheck.Compare(subject, _folder.File("released")));
        using var again = CheckpointReader.Read(subject, Fixtures.Cpu(), _folder.File("released"));
        Assert.True(model.Arena.Flat.eq(again.Arena.Flat).all().item<bool>());
    }

    [Theory]
    [InlineData(TensorType.BF16)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.F32)]
    public void Changed_weights_are_rounded_once_to_nearest_even(TensorType type)
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), model.Parameters, _ => type);
        using (torch.no_grad())
        {
            // In bfloat16, 1 + 2^-8 lies halfway between 1 and 1 + 2^-7; in float16 1 + 2^-11 does.
            model.Arena.Flat[0] = 1 + 1 / 256f;
            model.Arena.Flat[1] = 1 + 1 / 2048f;
            model.Arena.Flat[2] = 1 + 3 / 256f;
        }

        CheckpointWriter.WriteWeights(model, _folder.File("released"), _folder.Path);

        Assert.Null(WeightsCheck.Compare(_folder.Path, _folder.File("released")));
        using var file = SafetensorsFile.Open(_folder.File("released"));
        Assert.Equal(model.Parameters.Select(p => p.Name), file.Tensors.Select(t => t.Name));
        Assert.All(file.Tensors, t => Assert.Equal(type, t.Type));
        float[] expected = type switch
        {
            TensorType.BF16 => [1, 1, 1 + 4 / 256f],
            TensorType.F16 => [1 + 1 / 256f, 1, 1 + 3 / 256f],
            _ => [1 + 1 / 256f, 1 + 1 / 2048f, 1 + 3 / 256f],
        };
        Assert.Equal(expected, file.ReadSingles(file.Tensors[0])[..3]);
    }

    [Fact]
    public void A_subject_of_mixed_types_keeps_the_mixture()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), model.Parameters,
            name => name.EndsWith("norm.weight", StringComparison.Ordinal) ? TensorType.F32 : TensorType.BF16);

        CheckpointWriter.WriteWeights(model, _folder.File("released"), _folder.Path);

        Assert.Null(WeightsCheck.Compare(_folder.Path, _folder.File("released")));
    }

    [Fact]
    public void What_overflows_the_subjects_type_is_found()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
        SafetensorsWriter.Write(_folder.File("model.safetensors"), model.Parameters, _ => TensorType.F16);
        using (torch.no_grad()) model.Arena["model.norm.weight"][3] = 70000f;

        CheckpointWriter.WriteWeights(model, _folder.File("released"), _folder.Path);

        Assert.Equal("'model.norm.weight' has 1 values that are not finite (NaN or infinite).",
            WeightsCheck.Compare(_folder.Path, _folder.File("released")));
    }

    [Fact]
    public void A_repeated_head_and_rotary_frequencies_of_the_subject_are_not_asked_for()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(_folder.File("model.safetensors"),
        [
            new("lm_head.weight", model.Arena["model.embed_tokens.weight"]),
            .. model.Parameters,
            new("model.layers.0.self_attn.rotary_emb.inv_freq", torch.ones(3)),
        ]);

        CheckpointWriter.WriteWeights(model, _folder.File("released"), _folder.Path);

        Assert.Null(WeightsCheck.Compare(_folder.Path, _folder.File("released")));
    }

    [Fact]
    public void A_subject_without_prefix_is_released_under_the_models_names()
    {
        using var model = TinyGpt2.Model();
        CheckpointWriter.Write(model, _folder.Path);
        SafetensorsWriter.Write(_folder.File("model.safetensors"),
            [.. model.Parameters.Select(p => new NamedParameter(p.Name["transformer.".Length..], p.Tensor))], _ => TensorType.BF16);

        CheckpointWriter.WriteWeights(model, _folder.File("released"), _folder.Path);

        Assert.Null(WeightsCheck.Compare(_folder.Path, _folder.File("released")));
    }

    [Fact]
    public void A_missing_and_a_foreign_tensor_are_still_named()
    {
        using var model = Tiny.Model();
        CheckpointWriter.Write(model, _folder.Path);
        SafetensorsWriter.Write(_folder.File("less"), [.. model.Parameters.Skip(1)]);
        SafetensorsWriter.Write(_folder.File("more"), [.. model.Parameters, new("lm_head.weight", model.Parameters[0].Tensor)]);

        Assert.Equal("the tensor 'model.embed_tokens.weight' is missing.", WeightsCheck.Compare(_folder.Path, _folder.File("less")));
        Assert.Equal("the tensor 'lm_head.weight' is not in the subject.", WeightsCheck.Compare(_folder.Path, _folder.File("more")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Data_begin_at_a_multiple_of_64_bytes(int nameLength)
    {
        using var scope = torch.NewDisposeScope();
        SafetensorsWriter.Write(_folder.File("x"), [new(new string('n', nameLength), torch.ones(3))]);

        Assert.Equal(0, (8 + BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(_folder.File("x")))) % 64);
    }
}
