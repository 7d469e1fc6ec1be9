using System.Text.Json;
using Titer.Files;

namespace Titer.League.Standing;

/// <summary>Keeps <c>league.json</c>: one writer, every change on the disk before it is acted upon. Thread-safe.</summary>
internal sealed class LeagueLedger
{
    public const string FileName = "league.json";
    private const long MostBytes = 256L << 20;
    private readonly Lock _changing = new();
    private readonly string _file;

    private LeagueLedger(string file, LeagueDocument document) => (_file, Document) = (file, document);

    public LeagueDocument Document { get; private set; }

    /// <summary>Goes on from the file where there is one.</summary>
    /// <param name="results">Held by this process.</param>
    /// <exception cref="FileRefusalException">The file is damaged.</exception>
    public static LeagueLedger Open(string results, string name, TimeProvider clock)
    {
        var before = Find(results);
        var ledger = new LeagueLedger(Path.Combine(results, FileName), new LeagueDocument
        {
            Name = name,
            Host = Environment.MachineName,
            Pid = Environment.ProcessId,
            StartedAt = clock.GetUtcNow(),
            Entries = before?.Entries ?? [],
            Refused = before?.Refused ?? [],
        });
        ledger.Change(document => document);
        return ledger;
    }

    /// <summary>The document of a results folder; null where no league was played in it.</summary>
    /// <exception cref="FileRefusalException">The file is damaged.</exception>
    public static LeagueDocument? Find(string results)
    {
        var file = Path.Combine(results, FileName);
        try
        {
            var document = JsonSerializer.Deserialize(RegularFile.ReadAllBytes(file, MostBytes), LeagueJson.Default.LeagueDocument);
            return document is { Version: LeagueDocument.CurrentVersion } && document.Entries.All(e => e is { Id: not null, ContentHash: not null })
                ? document
                : throw new InvalidDataException("it is of another version of Titer");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new FileRefusalException($"TITER683 {file} cannot be read: {e.Message.TrimEnd('.')}. Put a copy of it back, or remove it: what "
                + "was played stays, what was dropped enters again, and superseded builds are forgotten.", e);
        }
    }

    public void Change(Func<LeagueDocument, LeagueDocument> change)
    {
        lock (_changing)
        {
            Document = change(Document);
            ReplacedFile.Write(_file, JsonSerializer.Serialize(Document, LeagueJson.Default.LeagueDocument) + "\n");
        }
    }
}
