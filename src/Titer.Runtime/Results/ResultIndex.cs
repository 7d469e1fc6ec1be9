using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>
/// The results of a folder in few files, so that a hundred thousand need not be opened one by one: <c>index/*.bin</c>, each with some thousand
/// results and sealed with the host's key. Derived, and never the source of truth: a result is taken from it only while its own file, and that of
/// its answers, are the same that were read and found sound; all else is read again. A byte that a disk loses without a trace in those files is not
/// noticed then, and changes nothing: what counts is the sealed copy here. Made by the host that holds the folder, of this build for this build; any
/// of its files may be removed at any time.
/// </summary>
/// <param name="clock">Tells how old a file is.</param>
internal sealed class ResultIndex(RunFolder folder, TimeProvider clock)
{
    /// <summary>Fewer results are opened one by one in no time.</summary>
    internal const int LeastResults = 1024;

    private const int MostInFile = 4096;
    private const int MostFileBytes = 256 << 20;
    private const int StampBytes = 8 * sizeof(long);

    /// <summary>A clock as coarse as a file system's may be does not tell a file that is younger from one that replaces it.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(2);

    /// <summary>Another build may keep results in other bytes.</summary>
    private static readonly byte[] Head = [.. "titer index 1\n\0\0"u8, .. typeof(PhaseResult).Module.ModuleVersionId.ToByteArray()];

    private readonly ConcurrentDictionary<string, IndexedResult> _waiting = [];
    private Dictionary<string, (IndexedResult Indexed, Part From)>? _known;
    private Part[] _parts = [];
    private int _found;

    /// <summary>How many results were taken from it.</summary>
    public int Found => _found;

    /// <summary>One file of the index.</summary>
    private sealed class Part(string file)
    {
        public string File => file;

        /// <summary>Zero where it is not this host's, of another build or damaged.</summary>
        public int Results { get; set; }

        /// <summary>How many are of files that are gone or were changed.</summary>
        public int Stale;
    }

    /// <summary>Reads it, unless that was done.</summary>
    /// <param name="stored">Ids of the phases that have a file.</param>
    public void Open(IReadOnlySet<string> stored, PhaseResultReader reader)
    {
        if (_known is not null) return;
        _known = [];
        _parts = [.. Files().Order(StringComparer.Ordinal).Select(f => new Part(f))];
        var read = new IndexedResult?[_parts.Length][];
        Parallel.For(0, _parts.Length, i => read[i] = Read(_parts[i], stored, reader));
        _known.EnsureCapacity(stored.Count);
        foreach (var (i, part) in _parts.Index())
        {
            foreach (var indexed in read[i].OfType<IndexedResult>())
            {
                // The later file has the later look.
                if (_known.TryGetValue(indexed.Result.PhaseId, out var earlier)) earlier.From.Stale++;
                _known[indexed.Result.PhaseId] = (indexed, part);
            }
        }
    }

    /// <summary>The result of a phase whose files are still those that were read; null for every other, which is to be read.</summary>
    /// <param name="file">Of the result's file now.</param>
    public PhaseResult? Find(string phaseId, ChangeStamp? file)
    {
        if (file is null || _known is null || !_known.TryGetValue(phaseId, out var known)) return null;
        var isSame = known.Indexed.File == file && known.Indexed.Answers == AnswersOf(known.Indexed.Result);
        Interlocked.Increment(ref isSame ? ref _found : ref known.From.Stale);
        return isSame ? known.Indexed.Result : null;
    }

    /// <summary>Takes in a result of this host that was read and found sound.</summary>
    /// <param name="file">Of its file before it was read.</param>
    /// <param name="answers">Of its answers before they were read.</param>
    public void Add(PhaseResult result, ChangeStamp? file, ChangeStamp? answers)
    {
        if (folder.IsHeld && file is { } stamp) _waiting[result.PhaseId] = new IndexedResult(result, stamp, answers);
    }

    /// <summary>Takes in a result that was just committed, and writes those that were taken in where they are enough.</summary>
    public void AddCommitted(PhaseResult result)
    {
        Add(result, RegularFile.ChangeOf(folder.PhaseFile(result.PhaseId)), AnswersOf(result));
        if (_waiting.Count >= LeastResults) Write();
    }

    /// <summary>Writes what was taken in, if it is enough, and forgets what was read.</summary>
    public void Close()
    {
        (_known, var parts) = (null, _parts);
        _parts = [];
        if (folder.IsHeld) Write([.. parts.Where(p => p.Stale * 2 >= p.Results)]);
    }

    /// <param name="useless">Their results are read again from their own files.</param>
    private void Write(params ReadOnlySpan<Part> useless)
    {
        try
        {
            foreach (var part in useless) File.Delete(part.File);
            if (_waiting.Count < LeastResults) return;
            var young = (clock.GetUtcNow() - LeastAge - DateTimeOffset.UnixEpoch).Ticks * 100;
            // Nobody has changed them since.
            IndexedResult[] indexed = [.. _waiting.Values.Where(w => w.File.ChangedNanoseconds < young && !(w.Answers?.ChangedNanoseconds >= young)
                && RegularFile.ChangeOf(folder.PhaseFile(w.Result.PhaseId)) == w.File)];
            _waiting.Clear();
            Directory.CreateDirectory(folder.IndexFolder);
            foreach (var part in indexed.Chunk(MostInFile)) WritePart(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is derived: results are safe without it, and found again more slowly.
            _waiting.Clear();
        }
    }

    private void WritePart(IndexedResult[] indexed)
    {
        using var content = new MemoryStream();
        content.Write(Head);
        content.Write(BitConverter.GetBytes(indexed.Length));
        foreach (var stamp in indexed.SelectMany(i => new[] { i.File, i.Answers ?? default })) content.Write(MemoryMarshal.AsBytes([stamp]));
        content.Write(ResultBlock.Of(indexed.Select(i => i.Result)));
        content.Write(folder.Key.SealBytes(content.ToArray()));
        ReplacedFile.Write(Path.Combine(folder.IndexFolder, $"{Guid.CreateVersion7():N}.bin"), content.ToArray());
    }

    /// <summary>Of the file with a result's answers; null where it has none, or they are gone.</summary>
    public ChangeStamp? AnswersOf(PhaseResult result) =>
        result.SamplesHash is { } hash ? RegularFile.ChangeOf(folder.SamplesFile(result.PhaseId, hash)) : null;

    private string[] Files()
    {
        try
        {
            return Directory.Exists(folder.IndexFolder) ? Directory.GetFiles(folder.IndexFolder, "*.bin") : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private IndexedResult?[] Read(Part part, IReadOnlySet<string> stored, PhaseResultReader reader)
    {
        try
        {
            return RegularFile.Read(part.File, MostFileBytes, bytes => Read(part, bytes.Span, stored, reader));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [];
        }
    }

    private IndexedResult?[] Read(Part part, ReadOnlySpan<byte> bytes, IReadOnlySet<string> stored, PhaseResultReader reader)
    {
        if (bytes.Length < Head.Length + sizeof(int) + ResultKey.SealLength || !bytes.StartsWith(Head)
            || !folder.Key.IsSealOf(bytes[..^ResultKey.SealLength], bytes[^ResultKey.SealLength..])) return [];
        bytes = bytes[Head.Length..^ResultKey.SealLength];
        part.Results = BitConverter.ToInt32(bytes);
        bytes = bytes[sizeof(int)..];
        var stamps = MemoryMarshal.Cast<byte, ChangeStamp>(bytes[..(part.Results * StampBytes)]);
        var results = ResultBlock.Read(bytes[(part.Results * StampBytes)..], stored.Contains, reader);
        var indexed = new IndexedResult?[results.Length];
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is { } result) indexed[i] = new IndexedResult(result, stamps[2 * i], stamps[2 * i + 1] is { Inode: not 0 } a ? a : null);
            else part.Stale++;
        }

        return indexed;
    }
}

/// <summary>A result as the index has it.</summary>
/// <param name="File">Of the result's own file, when it was read.</param>
/// <param name="Answers">Of the file with its answers, before their hash was taken; null for a result without.</param>
internal readonly record struct IndexedResult(PhaseResult Result, ChangeStamp File, ChangeStamp? Answers);
