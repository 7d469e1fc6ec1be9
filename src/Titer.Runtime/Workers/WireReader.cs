using System.Buffers;
using System.Text.Json;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// The one reader of what comes through a pipe. A worker runs code of a stranger, so a line is input from an enemy: members that are not of the
/// schema, missing ones, nulls, repeated names, nesting and values out of their bounds are refused here, and what it returns needs no second look
/// but for a result's own contents (<see cref="PhaseResultCheck"/>).
/// </summary>
internal static class WireReader
{
    /// <summary>Arrays and objects within one another; a result has eight.</summary>
    public const int MostNesting = 24;

    private const int MostSteps = 1_000_000_000;
    private const int MostNameCharacters = 4096;
    private const int MostTextCharacters = 40_000;
    private const int MostLevelCharacters = 16;
    private const int MostEntries = 1000;

    /// <summary>Of one evaluation.</summary>
    private const int MostAnswers = 1_000_000;

    /// <exception cref="JsonException">The line is not a message of this protocol; a clause.</exception>
    public static WireMessage Read(in ReadOnlySequence<byte> line)
    {
        WireMessage message;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MostNesting });
            message = JsonSerializer.Deserialize(ref reader, WireJson.Default.WireMessage) ?? throw new JsonException("it is null");
            if (reader.Read()) throw new JsonException("something stands behind it");
        }
        catch (Exception e) when (e is not (JsonException or OutOfMemoryException))
        {
            // What a converter or a constructor thinks of a value is the sender's fault, whatever it is called.
            throw new JsonException($"a value cannot be read ({e.GetType().Name})", e);
        }

        return Problem(message) is { } problem ? throw new JsonException(problem) : message;
    }

    /// <summary>What is out of its bounds; null when nothing is.</summary>
    private static string? Problem(WireMessage message) => message switch
    {
        ProgressMessage { Progress: var p } => IsProgress(p) ? null : "a progress is out of its bounds",
        LogMessage { Line: var l } => l.Level.Length is > 0 and <= MostLevelCharacters && l.Level.All(char.IsAsciiLetter) && IsText(l.Text) ? null
            : "a log line is out of its bounds",
        FaultMessage f => PhaseResultCheck.IsCode(f.Code) && IsText(f.Text) ? null : "a fault has no code, or a text without end",
        AskMessage a => a.Wrappers.Count > 0 && !a.Wrappers.Contains(null!) && PromptWrapper.Problem(a.Wrappers) is null ? null
            : "what an attack wants to ask is out of its bounds",
        LoadingMessage l => IsName(l.Folder) ? null : "a folder has no name",
        LoadedMessage l => IsName(l.Folder) && Enum.IsDefined(l.State) && IsText(l.Problem) ? null : "a state is none",
        BuildMessage b => b.Number >= 0 && IsName(b.Id) && IsName(b.Kind) && IsName(b.ContentHash) && AreTexts(b.Advice) ? null
            : "a build is out of its bounds",
        RefusedMessage r => AreTexts(r.Problems) ? null : "there are problems without end",
        RetiredMessage r => IsText(r.Leak) ? null : "a leak is out of its bounds",
        MatchEndMessage m => IsText(m.Problem) ? null : "a problem is out of its bounds",
        FindingMessage { Finding: var f } => Enum.IsDefined(f.Outcome) && f.Number is > 0 and <= MostEntries && IsName(f.Name)
            && (f.Code is null || PhaseResultCheck.IsCode(f.Code)) && IsText(f.Fact) && IsText(f.Fix)
            ? null : "a finding is out of its bounds",
        // As long as answers are: the line is bounded.
        ScoreMessage q => q.Metric is >= 0 and < MostEntries && AreGiven(q.Prompts) && AreGiven(q.Answers) && AreGiven(q.References) ? null
            : "a question to a metric is out of its bounds",
        ScoresMessage s => s.Scores?.Count is null or <= MostAnswers && (s.Code is null || PhaseResultCheck.IsCode(s.Code)) && IsText(s.Text)
            ? null : "scores are without end",
        _ => null,
    };

    private static bool IsProgress(PhaseProgress p) =>
        Enum.IsDefined(p.Stage) && Enum.IsDefined(p.Call) && p.Step is >= 0 and <= MostSteps && p.Harm is null or >= 0 and <= 1 or double.NaN;

    private static bool AreTexts(IReadOnlyList<string> texts) => texts.Count <= MostEntries && texts.All(t => t is not null && IsText(t));

    private static bool AreGiven(IReadOnlyList<string> texts) => texts.Count <= MostAnswers && texts.All(t => t is not null);

    private static bool IsText(string? text) => text is null || text.Length <= MostTextCharacters;

    private static bool IsName(string name) => name.Length is > 0 and <= MostNameCharacters && VisibleText.OnOneLine(name) == name;
}
