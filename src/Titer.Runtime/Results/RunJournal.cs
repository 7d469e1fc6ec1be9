using System.Text.Json;
using System.Text.Json.Serialization;
using Titer.Tournament;

namespace Titer.Runtime.Results;

/// <summary>What a line of the journal says.</summary>
internal enum JournalEvent
{
    /// <summary>A process took the folder.</summary>
    Opened,
    Started,

    /// <summary>A result was committed.</summary>
    Finished,

    /// <summary>There is no result: the machine failed, or the run was stopped.</summary>
    Lost,

    /// <summary>The process is through. An opening without a closing is a process that was killed.</summary>
    Closed,
}

/// <summary>Who did what, and when.</summary>
/// <param name="At">Universal time.</param>
/// <param name="Host">Name of the machine.</param>
/// <param name="Pid">Of the process that plays the tournament.</param>
/// <param name="Status">How the phase ended.</param>
/// <param name="Why">Why there is no result.</param>
internal sealed record JournalLine(DateTimeOffset At, string Host, int Pid, JournalEvent Event)
{
    public string? PhaseId { get; init; }

    public string? Title { get; init; }

    public PhaseStatus? Status { get; init; }

    public string? Code { get; init; }

    public double? WallSeconds { get; init; }

    public string? Why { get; init; }
}

/// <summary>
/// <c>journal.jsonl</c>: who played what when, one line an event, only ever appended to. Nothing depends on it: what is done is what has a result
/// file. A line goes to the file in one write, and stays when the process is killed; one that a power cut has torn ends its own line alone.
/// Thread-safe.
/// </summary>
internal sealed class RunJournal(RunFolder folder, TimeProvider clock)
{
    public const string FileName = "journal.jsonl";

    private readonly Lock _writing = new();
    private bool _isContinued;

    public void Opened() => Append(JournalEvent.Opened, null);

    public void Closed() => Append(JournalEvent.Closed, null);

    public void Started(Phase phase) => Append(JournalEvent.Started, phase);

    public void Finished(Phase phase, PhaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Append(JournalEvent.Finished, phase, line => line with { Status = result.Status, Code = result.Code, WallSeconds = result.WallSeconds });
    }

    public void Lost(Phase phase, string why) => Append(JournalEvent.Lost, phase, line => line with { Why = why });

    /// <summary>The lines that can be read, in the order in which they were written.</summary>
    public static IReadOnlyList<JournalLine> Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var file = Path.Combine(folder.Path, FileName);
        return File.Exists(file) ? [.. File.ReadLines(file).Select(Parse).OfType<JournalLine>()] : [];
    }

    /// <summary>The lines that were added since the last look; a line that is not whole yet is left for the next one.</summary>
    /// <param name="position">Bytes of the file that were read; 0 at first, and again when the file has become another.</param>
    internal static IReadOnlyList<JournalLine> ReadOn(RunFolder folder, ref long position)
    {
        var file = Path.Combine(folder.Path, FileName);
        if (!File.Exists(file)) return [];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < position) position = 0;
        stream.Seek(position, SeekOrigin.Begin);
        var bytes = new byte[stream.Length - position];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        position += whole;
        return [.. System.Text.Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)
            .OfType<JournalLine>()];
    }

    private static JournalLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalLine);
        }
        catch (JsonException)
        {
            // Torn by a power cut: what it said is not known any more, and not needed.
            return null;
        }
    }

    private void Append(JournalEvent what, Phase? phase, Func<JournalLine, JournalLine>? more = null)
    {
        var now = clock.GetUtcNow();
        var line = new JournalLine(now, Environment.MachineName, Environment.ProcessId, what) { PhaseId = phase?.Id, Title = phase?.Title };
        var text = JsonSerializer.Serialize(more is null ? line : more(line), JournalJson.Default.JournalLine) + "\n";
        var file = Path.Combine(folder.Path, FileName);
        lock (_writing)
        {
            try
            {
                // The first line of a process begins a new one, whatever was torn before it.
                if (!_isContinued && IsTorn(file)) text = "\n" + text;
                File.AppendAllText(file, text);
                _isContinued = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk costs the journal, not the phase: its result will say what it cannot be stored for.
            }
        }
    }

    private static bool IsTorn(string file)
    {
        if (!File.Exists(file)) return false;
        using var stream = File.OpenRead(file);
        if (stream.Length == 0) return false;
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() != '\n';
    }
}

/// <summary>The journal's lines as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(JournalWord<JournalEvent>), typeof(JournalWord<PhaseStatus>)])]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>Enums as snake_case words.</summary>
internal sealed class JournalWord<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
