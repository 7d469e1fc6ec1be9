using System.Text.Json.Serialization;
using Titer.Files;
using Titer.Plugins;
using Titer.Runtime.Conformance;
using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Scenarios;
using Titer.Scenarios.Apothecary;
using Titer.Scenarios.Judges;
using Titer.Sdk;
using Titer.Tournament;

namespace Titer.Runtime.Workers;

/// <summary>
/// The whole protocol between supervisor and worker: one JSON object per line over a private pipe. The supervisor sends one
/// <see cref="PlayMessage"/> or <see cref="ValidateMessage"/>, or one <see cref="StartMessage"/>
/// after the other; everything else comes from the worker.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(StartMessage), "start")]
[JsonDerivedType(typeof(ProgressMessage), "progress")]
[JsonDerivedType(typeof(LogMessage), "log")]
[JsonDerivedType(typeof(HandOverMessage), "hand_over")]
[JsonDerivedType(typeof(AskMessage), "ask")]
[JsonDerivedType(typeof(GoOnMessage), "go_on")]
[JsonDerivedType(typeof(MeasureMessage), "measure")]
[JsonDerivedType(typeof(MeasuredMessage), "measured")]
[JsonDerivedType(typeof(ResultMessage), "result")]
[JsonDerivedType(typeof(FaultMessage), "fault")]
[JsonDerivedType(typeof(LoadMessage), "load")]
[JsonDerivedType(typeof(LoadingMessage), "loading")]
[JsonDerivedType(typeof(LoadedMessage), "loaded")]
[JsonDerivedType(typeof(PlayMessage), "play")]
[JsonDerivedType(typeof(BuildMessage), "build")]
[JsonDerivedType(typeof(RefusedMessage), "refused")]
[JsonDerivedType(typeof(RetiredMessage), "retired")]
[JsonDerivedType(typeof(MatchMessage), "match")]
[JsonDerivedType(typeof(PhaseMessage), "phase")]
[JsonDerivedType(typeof(MatchEndMessage), "match_end")]
[JsonDerivedType(typeof(ValidateMessage), "validate")]
[JsonDerivedType(typeof(FindingMessage), "finding")]
[JsonDerivedType(typeof(MetricMessage), "metric")]
[JsonDerivedType(typeof(ScoreMessage), "score")]
[JsonDerivedType(typeof(ScoresMessage), "scores")]
[JsonDerivedType(typeof(CheckScenarioMessage), "check_scenario")]
[JsonDerivedType(typeof(BuildSubjectMessage), "build_subject")]
[JsonDerivedType(typeof(CheckJudgesMessage), "check_judges")]
[JsonDerivedType(typeof(ScoreAnswersMessage), "score_answers")]
[JsonDerivedType(typeof(CheckingMessage), "checking")]
[JsonDerivedType(typeof(LineMessage), "line")]
[JsonDerivedType(typeof(SubjectReportMessage), "subject_report")]
[JsonDerivedType(typeof(RefusalMessage), "refusal")]
internal abstract record WireMessage
{
    public const int CurrentVersion = 1;
}

/// <summary>First line of a worker.</summary>
internal sealed record HelloMessage(int Version, int ProcessId) : WireMessage;

/// <summary>A phase to play; sent when the one before has its result.</summary>
internal sealed record StartMessage(PhaseOrder Order) : WireMessage;

/// <summary>Stage and step of the phase.</summary>
internal sealed record ProgressMessage(PhaseProgress Progress) : WireMessage;

/// <summary>A line for the phase's log.</summary>
internal sealed record LogMessage(PhaseLogLine Line) : WireMessage;

/// <summary>A player's weights lie in the hand-over file; it waits for <see cref="GoOnMessage"/>.</summary>
internal sealed record HandOverMessage(HandOver HandOver) : WireMessage;

/// <summary>How a player's attack asks from now on; it waits for <see cref="GoOnMessage"/>.</summary>
/// <param name="HandOver">The weights that are asked so; null before the first step.</param>
internal sealed record AskMessage(IReadOnlyList<PromptWrapper> Wrappers, HandOver? HandOver = null) : WireMessage;

/// <summary>To a player: what it wanted measured is measured.</summary>
/// <param name="IsEnough">The attack need not go on.</param>
/// <param name="Refusal">Why it cannot ask so.</param>
internal sealed record GoOnMessage(bool IsEnough, string? Refusal = null) : WireMessage;

/// <summary>To a measurer: what a player, which stands still, wants measured; null when it has ended.</summary>
internal sealed record MeasureMessage(ToMeasure? Wanted = null) : WireMessage;

/// <summary>A measurer is ready, or has measured what it took.</summary>
/// <param name="WorstHarm">For people; null where nothing was measured.</param>
/// <param name="SecondsPerStep">Of ordinary training; in the first message, when it was asked for.</param>
/// <param name="Refusal">Why the attack cannot ask so; nothing was measured.</param>
internal sealed record MeasuredMessage(bool IsEnough, double? WorstHarm = null, double? SecondsPerStep = null, string? Refusal = null) : WireMessage;

/// <summary>The end of the phase; the worker waits for another order, or for its end.</summary>
internal sealed record ResultMessage(PhaseResult Result) : WireMessage
{
    public PhaseResult Result { get; init; } = ForeignText.Of(Result);
}

/// <summary>The host's own work failed; there is no result. The worker waits for its end.</summary>
/// <param name="IsMachines">No plugin can have caused it, whatever ran before.</param>
internal sealed record FaultMessage(string Code, string Text, bool IsMachines = false) : WireMessage
{
    public string Text { get; init; } = ForeignText.Of(Text)!;
}

/// <summary>Plugin folders to be loaded in turn.</summary>
internal sealed record LoadMessage(IReadOnlyList<string> Folders, string ScratchFolder) : WireMessage;

/// <summary>This one is next: whose fault it is when the process ends.</summary>
internal sealed record LoadingMessage(string Folder) : WireMessage;

/// <summary>What became of it.</summary>
internal sealed record LoadedMessage(string Folder, PluginState State, string? Problem = null) : WireMessage
{
    public string? Problem { get; init; } = ForeignText.Of(Problem);
}

/// <summary>Sent by the supervisor of a validating worker, once.</summary>
internal sealed record ValidateMessage(string PluginPath, ulong Seed, TrialOrder? Trials = null) : WireMessage;

/// <summary>The answer to one check.</summary>
internal sealed record FindingMessage(ConformanceFinding Finding) : WireMessage;

/// <summary>Sent by the supervisor of a play worker, once.</summary>
internal sealed record PlayMessage(PlayOrder Order) : WireMessage;

/// <summary>A build was loaded; its match follows.</summary>
internal sealed record BuildMessage(int Number, string Id, string Kind, string ContentHash, IReadOnlyList<string> Advice) : WireMessage;

/// <summary>A build was refused; the one before stays.</summary>
internal sealed record RefusedMessage(IReadOnlyList<string> Problems) : WireMessage
{
    public IReadOnlyList<string> Problems { get; init; } = [.. Problems.Select(p => ForeignText.Of(p)!)];
}

/// <summary>A retired build is gone from memory, or leaked with what likely holds it.</summary>
internal sealed record RetiredMessage(int Number, string? Leak = null) : WireMessage
{
    public string? Leak { get; init; } = ForeignText.Of(Leak);
}

/// <summary>A match begins: everything that a report needs but for the results.</summary>
internal sealed record MatchMessage(TournamentSpec Spec) : WireMessage;

/// <summary>A phase of the match begins.</summary>
internal sealed record PhaseMessage(Phase Phase) : WireMessage;

/// <summary>The match was played, or given up for a newer build.</summary>
internal sealed record MatchEndMessage(bool Completed, string? Problem = null) : WireMessage
{
    public string? Problem { get; init; } = ForeignText.Of(Problem);
}

/// <summary>The metric that a worker is to answer for; sent by the supervisor, once, and answered with <see cref="LoadedMessage"/>.</summary>
internal sealed record MetricMessage(MetricOrder Metric, string ScratchFolder) : WireMessage;

/// <summary>A question: by a phase's worker to its supervisor, and by the supervisor to the metric's worker. One is open at a time.</summary>
/// <param name="Metric">Which of the order's; 0 for a metric's worker, which has one.</param>
internal sealed record ScoreMessage(int Metric, IReadOnlyList<string> Prompts, IReadOnlyList<string> Answers, IReadOnlyList<string> References)
    : WireMessage;

/// <summary>Its answer, the same way back: scores as the metric gave them, or the code and text of what it did instead.</summary>
internal sealed record ScoresMessage(IReadOnlyList<double>? Scores = null, string? Code = null, string? Text = null) : WireMessage
{
    public string? Text { get; init; } = ForeignText.Of(Text);
}

/// <summary>A scenario to be checked: sent by the supervisor, once.</summary>
/// <param name="Plugins">Where its metrics that are plugins are looked for.</param>
internal sealed record CheckScenarioMessage(string Scenario, IReadOnlyList<PluginSource> Plugins) : WireMessage;

/// <summary>The embedded scenario's subject to be built: sent by the supervisor, once.</summary>
internal sealed record BuildSubjectMessage(string Output, string Tier, ulong Seed) : WireMessage;

/// <summary>Judges to be held against people: sent by the supervisor, once.</summary>
internal sealed record CheckJudgesMessage(JudgeCheckOrder Order, string Device) : WireMessage;

/// <summary>Stored answers that a judge model is asked about: sent by the supervisor, once.</summary>
/// <param name="AskedFile">What <see cref="AskedAnswers"/> wrote.</param>
/// <param name="ScoresFile">Where its scores go.</param>
/// <param name="VerdictsFile">Where what it said anew goes.</param>
/// <param name="VerdictsFolder">What it said earlier; null where nothing is kept.</param>
internal sealed record ScoreAnswersMessage(MetricChoice Judge, string Device, string AskedFile, string ScoresFile, string VerdictsFile,
    string? VerdictsFolder = null) : WireMessage;

/// <summary>The scenario was opened; these are its metrics that are plugins, which <see cref="ScoreMessage"/> numbers.</summary>
internal sealed record CheckingMessage(IReadOnlyList<MetricOrder> Metrics) : WireMessage;

/// <summary>A line for people.</summary>
internal sealed record LineMessage(string Text) : WireMessage;

/// <summary>A scenario or judges were checked, or a subject was built.</summary>
/// <param name="Text">For people; one of the others is the same for programs.</param>
internal sealed record SubjectReportMessage(string Text, bool Passed, ScenarioCheckReport? Scenario = null, BuildReport? Subject = null,
    JudgeCheckReport? Judges = null) : WireMessage;

/// <summary>What was asked for cannot be done, and the worker is not at fault: place, code, fact and fix.</summary>
/// <param name="IsMachines">The machine is at fault.</param>
internal sealed record RefusalMessage(string Text, bool IsMachines = false) : WireMessage;

/// <summary>Text that a worker sent: whatever the plugin in it could write to the pipe is made visible here, once.</summary>
internal static class ForeignText
{
    private const int MostCharacters = 20_000;

    public static string? Of(string? text) => text is null ? null : VisibleText.Of(text, MostCharacters);

    /// <summary>Of a worker, or of a file that somebody may have changed.</summary>
    public static PhaseResult Of(PhaseResult result) => result is { Code: null, Reason: null, Trace: null } ? result
        : result with { Code = Of(result.Code), Reason = Of(result.Reason), Trace = Of(result.Trace) };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = WireReader.MostNesting,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(WireMessage))]
internal sealed partial class WireJson : JsonSerializerContext;
