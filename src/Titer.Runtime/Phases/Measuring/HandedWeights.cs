using System.IO.Hashing;
using Titer.Files;
using Titer.Sdk.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Titer.Runtime.Phases.Measuring;

/// <summary>
/// The hand-over file: the model's weights as one flat array in the order of its arena, then the factors of an adapter, nothing else. Written and
/// read, not mapped: whoever maps a file that somebody else shortens is ended by the system, and it is one copy either way.
/// </summary>
internal static class HandedWeights
{
    /// <summary>A span has at most 2^31 bytes; weights may have more.</summary>
    private const long ChunkElements = 1 << 26;

    /// <summary>Overwrites the file, which must be there: the host made it.</summary>
    /// <returns>The checksum of all of it.</returns>
    /// <param name="layout">Of the model as it was opened.</param>
    /// <exception cref="InvalidDataException">A tensor is no longer of its shape or type; a whole sentence.</exception>
    public static string Write(string path, CausalLanguageModel model, WeightsLayout layout, bool withBase, IReadOnlyList<LinearProjection> adapted)
    {
        if (layout.Difference(model) is { } difference) throw new InvalidDataException(difference);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1 << 16);
        var hash = new XxHash128();
        var type = model.Arena.Flat.dtype;
        // Parameter by parameter: a plugin may have put another tensor in the place of a view of the arena, and the model then computes with that.
        foreach (var parameter in withBase ? model.Parameters : []) Put(parameter.Tensor);
        foreach (var projection in adapted)
        {
            var (a, b, _) = projection.Adapter!.Value;
            Put(a.to(type));
            Put(b.to(type));
        }

        file.SetLength(file.Position);
        file.Flush();
        return Convert.ToHexStringLower(hash.GetCurrentHash());

        void Put(Tensor tensor)
        {
            var flat = tensor.detach().contiguous().view(-1);
            for (var at = 0L; at < flat.numel(); at += ChunkElements)
            {
                using var chunk = torch.NewDisposeScope();
                var bytes = flat.narrow(0, at, Math.Min(ChunkElements, flat.numel() - at)).cpu().bytes;
                hash.Append(bytes);
                file.Write(bytes);
            }
        }
    }

    /// <summary>Reads what was handed over into a model of this process' own, whose layout it must have to the byte.</summary>
    /// <param name="factors">The arena of the adapter that is attached; null without one.</param>
    /// <exception cref="InvalidDataException">It is not what was announced; a clause for the middle of a sentence.</exception>
    public static void Read(string path, HandOver handOver, ParameterArena weights, ParameterArena? factors)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        List<Tensor> parts = handOver.HasBase ? [weights.Flat] : [];
        if (factors is not null) parts.Add(factors.Flat);
        var expected = parts.Sum(p => p.numel() * p.element_size());
        using var file = RegularFile.OpenRead(path, expected);
        if (file.Length != expected) throw new InvalidDataException($"the file has {file.Length} bytes, and the model has {expected}");
        var hash = new XxHash128();
        foreach (var part in parts)
        {
            for (var at = 0L; at < part.numel(); at += ChunkElements)
            {
                using var chunk = torch.NewDisposeScope();
                var target = part.narrow(0, at, Math.Min(ChunkElements, part.numel() - at));
                var host = target.device.type == DeviceType.CPU ? target : torch.empty_like(target, device: torch.CPU);
                Fill(file, host.bytes, hash);
                if (target.device.type != DeviceType.CPU) target.copy_(host);
            }
        }

        if (Convert.ToHexStringLower(hash.GetCurrentHash()) != handOver.Checksum)
            throw new InvalidDataException("the file is not what was announced: somebody wrote to it afterwards");
    }

    private static void Fill(FileStream file, Span<byte> bytes, XxHash128 hash)
    {
        try
        {
            file.ReadExactly(bytes);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException("the file was shortened while it was read");
        }

        hash.Append(bytes);
    }
}
