using System.Security.Cryptography;
using Titer.Sdk;
using Titer.Sdk.Models;

namespace Titer.Models.Checkpoints;

/// <summary>
/// A model that somebody made of a subject elsewhere: a whole checkpoint in Hugging Face layout, or an adapter in PEFT's files that is merged into
/// the subject. Only <see cref="Open"/> needs torch.
/// </summary>
public sealed class EnteredCheckpoint
{
    private EnteredCheckpoint(string folder, bool isAdapter, IReadOnlyList<string> files) =>
        (Folder, IsAdapter, Files) = (folder, isAdapter, files);

    public string Folder { get; }

    /// <summary>Paths of what its hash is over.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Whether it is an adapter. A folder with both is the checkpoint: what is in the adapter was merged.</summary>
    public bool IsAdapter { get; }

    /// <exception cref="CheckpointException">The folder has neither.</exception>
    public static EnteredCheckpoint In(string folder)
    {
        string[] weights = [CheckpointFiles.WeightsFile, CheckpointFiles.IndexFile];
        var hasWeights = weights.Any(file => File.Exists(Path.Combine(folder, file)));
        if (!hasWeights && File.Exists(Path.Combine(folder, PeftAdapterSettings.File)))
            return new EnteredCheckpoint(folder, isAdapter: true,
                [Path.Combine(folder, PeftAdapterSettings.File), Path.Combine(folder, PeftAdapterReader.Weights)]);
        return new EnteredCheckpoint(folder, isAdapter: false, [Path.Combine(folder, "config.json"), .. Weights(folder)]);
    }

    /// <summary>SHA-256 over its configuration and its weights: 64 lower-case hexadecimal digits. Tokenizer and cards do not count.</summary>
    /// <exception cref="CheckpointException">A file is missing, or a Git LFS pointer.</exception>
    public string ContentHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var path in Files)
        {
            if (!File.Exists(path)) throw new CheckpointException($"TITER413 {Folder} has no {Path.GetFileName(path)}. Download or save it again.");
            CheckpointText.RequireContent(path);
            using var file = File.OpenRead(path);
            hash.AppendData(BitConverter.GetBytes(file.Length));
            for (var read = file.Read(buffer); read > 0; read = file.Read(buffer)) hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Whether it can be the subject with other values: the same function of the same tensors, in names and shapes. Data types may differ, since
    /// weights are released in the subject's. Of an adapter only the settings are looked at here; its factors are when it is opened.
    /// </summary>
    /// <exception cref="CheckpointException">It differs, or one of the two cannot be read; names the setting or the tensor.</exception>
    public void RequireSameShape(string subjectFolder)
    {
        if (IsAdapter)
        {
            PeftAdapterSettings.In(Folder);
            return;
        }

        var (own, subject) = (Architectures.In(Folder), Architectures.In(subjectFolder));
        var settings = subject.Function().ToDictionary(s => s.Key, s => s.Value);
        foreach (var (key, value) in own.Function())
        {
            var expected = settings.GetValueOrDefault(key, "nothing of the kind");
            if (value != expected) throw Different($"config.json has {key} {value}, the subject's has {expected}");
        }

        var (tensors, wanted) = (CanonicalTensors.In(Folder), CanonicalTensors.In(subjectFolder));
        foreach (var (name, tensor) in tensors)
        {
            if (!wanted.Remove(name, out var original)) throw Different($"it has the tensor '{name}', which the subject does not have");
            if (!tensor.Shape.SequenceEqual(original.Shape))
                throw Different($"'{name}' has shape [{string.Join(", ", tensor.Shape)}], the subject's has [{string.Join(", ", original.Shape)}]");
        }

        if (wanted.Count > 0) throw Different($"it lacks the tensor '{wanted.Keys.First()}'");
    }

    /// <summary>The model that it is.</summary>
    /// <param name="subject">Opens the subject, with whatever belongs to it, for an adapter to be merged into.</param>
    /// <exception cref="CheckpointException">It cannot be read, or an adapter does not fit the subject.</exception>
    public CausalLanguageModel Open(DeviceContext device, Func<CausalLanguageModel> subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (!IsAdapter) return CheckpointReader.Read(Folder, device);
        var model = subject();
        try
        {
            PeftAdapterReader.Read(model, Folder).Merge();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static IReadOnlyList<string> Weights(string folder)
    {
        var files = CheckpointFiles.In(folder);
        var index = Path.Combine(folder, CheckpointFiles.IndexFile);
        return files.Count == 1 && Path.GetFileName(files[0]) == CheckpointFiles.WeightsFile ? files : [index, .. files];
    }

    private CheckpointException Different(string fact) => new($"TITER432 {Folder} is no model of this subject: {fact}. Enter a checkpoint that was "
        + "made from the scenario's subject; released weights may differ in values only.");
}
