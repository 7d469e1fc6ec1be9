using System.Text.Json;
using Titer.Files;

namespace Titer.Plugins.Packaging;

/// <summary>One installed plugin: what it is and where it came from.</summary>
public sealed record InstallRecord
{
    public required string Id { get; init; }

    public required string Version { get; init; }

    public required string ContentHash { get; init; }

    /// <summary>Full path of the package at that time.</summary>
    public required string SourceFile { get; init; }

    public required string PackageSha256 { get; init; }

    /// <summary>Why the operator's policy accepted it; null without a policy.</summary>
    public string? Standing { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset InstalledAt { get; init; }
}

/// <summary><c>installed.json</c>. Immutable; read and written under the lock of the home folder.</summary>
public sealed class InstallLedger
{
    private readonly SortedDictionary<string, InstallRecord> _records;

    private InstallLedger(IEnumerable<InstallRecord> records) =>
        _records = new SortedDictionary<string, InstallRecord>(records.GroupBy(r => r.Id).ToDictionary(g => g.Key, g => g.Last()),
            StringComparer.Ordinal);

    /// <summary>In ordinal order of the ids.</summary>
    public IReadOnlyCollection<InstallRecord> Records => _records.Values;

    public InstallRecord? Find(string id) => _records.GetValueOrDefault(id);

    /// <exception cref="InvalidDataException">The file is there and damaged.</exception>
    public static InstallLedger Read(TiterHome home)
    {
        ArgumentNullException.ThrowIfNull(home);
        if (!File.Exists(home.InstalledFile)) return new InstallLedger([]);
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(home.InstalledFile), PackagingJson.Default.InstallLedgerFile);
            return new InstallLedger(file?.Plugins ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{home.InstalledFile}' is damaged: {e.Message}", e);
        }
    }

    internal InstallLedger With(InstallRecord record) => new([.. _records.Values.Where(r => r.Id != record.Id), record]);

    internal InstallLedger Without(string id) => new(_records.Values.Where(r => r.Id != id));

    internal void Write(TiterHome home) =>
        ReplacedFile.Write(home.InstalledFile,
            JsonSerializer.SerializeToUtf8Bytes(new InstallLedgerFile(1, [.. _records.Values]), PackagingJson.Default.InstallLedgerFile));
}

internal sealed record InstallLedgerFile(int FormatVersion, IReadOnlyList<InstallRecord> Plugins);
