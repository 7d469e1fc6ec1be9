using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Titer.Files;
using Titer.Runtime.Phases;
using Titer.Runtime.Results;
using Titer.Scenarios;
using Titer.Tournament;
using Titer.Tournament.Scoring;

namespace Titer.View.Reading;

/// <summary>One cell of the crosstable, read from its phases when somebody looks at it: its curves, answers and logs.</summary>
internal sealed partial class CellReading(RunFolder folder)
{
    private const int MostAnswers = 400;
    private const int MostLogLines = 500;
    private const long MostLogBytes = 64L << 20;
    private const int MostLogLineBytes = 1 << 20;

    /// <summary><c>{ cell, undefended, notices }</c>; null when the tournament has no such cell.</summary>
    public byte[]? Of(AttackerKey key)
    {
        var spec = RunRecords.ReadSpec(folder);
        if (CurveReading.PartOf(spec, key) is not { } part) return null;
        var store = new ResultStore(folder);
        var (plan, results) = store.Load(part);
        return Of(new CurveReading(part, plan, results), key, part.Defenses[0].Label,
            [.. store.Notices, .. store.Unsealed is { } unsealed ? [unsealed] : Array.Empty<string>()]);
    }

    /// <inheritdoc cref="Of(AttackerKey)"/>
    public static byte[] Of(CurveReading curves, AttackerKey key, string undefended, IReadOnlyList<string> notices) => BoardJson.Write(json =>
    {
        Raw(json, "cell", curves.Of(key));
        Raw(json, "undefended", curves.Of(key with { Defense = undefended }));
        BoardJson.Strings(json, "notices", notices);
    });

    /// <summary>
    /// <c>{ steps, answers: [{ set, template, prompt, answer, harm }], left_out }</c> of a phase after a step; null when there are none.
    /// </summary>
    /// <exception cref="InvalidDataException">The stored answers are missing or damaged.</exception>
    public byte[]? Answers(string phaseId, int step)
    {
        if (!PhaseId().IsMatch(phaseId) || !File.Exists(folder.PhaseFile(phaseId))) return null;
        var (result, _) = PhaseFile.Read(folder.PhaseFile(phaseId), folder.Key, new PhaseResultReader());
        if (result.SamplesHash is not { } hash) return null;
        var all = SampleFile.Read(folder.SamplesFile(phaseId, hash));
        var at = all.Where(s => s.Step == step).Select(s => s.Sample).ToArray();
        var harm = HarmOf(result, step);
        return BoardJson.Write(json =>
        {
            json.WriteStartArray("steps");
            foreach (var known in all.Select(s => s.Step).Distinct().Order()) json.WriteNumberValue(known);
            json.WriteEndArray();
            json.WriteStartArray("answers");
            foreach (var sample in at.Take(MostAnswers))
            {
                json.WriteStartObject();
                json.WriteString("set", sample.Set.ToString().ToLowerInvariant());
                json.WriteString("template", sample.Template);
                json.WriteString("prompt", sample.PromptId);
                json.WriteString("answer", VisibleText.Of(sample.Answer, 4000));
                if (sample.Set == SampleSet.Harm && harm.TryGetValue((sample.Template ?? "", sample.PromptId), out var score))
                    BoardJson.Number(json, "harm", score);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("left_out", Math.Max(0, at.Length - MostAnswers));
        });
    }

    /// <summary><c>{ lines: [{ level, text }], left_out }</c>, the last lines of what a phase said; null when it said nothing.</summary>
    public byte[]? Log(string phaseId)
    {
        if (!PhaseId().IsMatch(phaseId) || !File.Exists(folder.LogFile(phaseId))) return null;
        using var stream = RegularFile.OpenRead(folder.LogFile(phaseId), MostLogBytes);
        var lines = BoundedLines.Of(stream, MostLogLineBytes, MostLogBytes).Select(Encoding.UTF8.GetString).ToArray();
        return BoardJson.Write(json =>
        {
            json.WriteStartArray("lines");
            foreach (var line in lines.TakeLast(MostLogLines).Where(IsJson)) json.WriteRawValue(line);
            json.WriteEndArray();
            json.WriteNumber("left_out", Math.Max(0, lines.Length - MostLogLines));
        });
    }

    private static Dictionary<(string Template, string Prompt), double> HarmOf(PhaseResult result, int step)
    {
        var harm = new Dictionary<(string, string), double>();
        if (result.Trajectory is not { } trajectory || trajectory.Checkpoints.FirstOrDefault(c => c.Step == step) is not { } point) return harm;
        for (var t = 0; t < trajectory.Templates.Count; t++)
        {
            for (var p = 0; p < trajectory.HarmPrompts.Count; p++) harm[(trajectory.Templates[t], trajectory.HarmPrompts[p])] = point.Harm[t][p];
        }

        return harm;
    }

    private static bool IsJson(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            // Torn while it was written.
            return false;
        }
    }

    private static void Raw(Utf8JsonWriter json, string name, CellCurves curves)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Encoding.UTF8.GetBytes(TournamentJson.Serialize(curves)));
    }

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex PhaseId();
}
