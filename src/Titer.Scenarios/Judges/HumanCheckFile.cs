using System.Text.Json;
using Titer.Files;
using Titer.Tournament;

namespace Titer.Scenarios.Judges;

/// <summary>
/// What <c>titer judge-check --json</c> printed, kept in a file that a scenario or a tournament names: input that may be of anything.
/// </summary>
public static class HumanCheckFile
{
    private const long MostBytes = 64L << 20;

    /// <summary>The judge of a located choice, with what its check says of it.</summary>
    /// <returns>Null where no judge model scores.</returns>
    /// <exception cref="ScenarioException">The file is missing, is no check, or is one of other judges.</exception>
    public static HarmJudge? Of(MetricChoice harm)
    {
        ArgumentNullException.ThrowIfNull(harm);
        if (!harm.IsJudge) return null;
        var panel = JudgePanel.Of(harm.Options);
        string[] names = [.. harm.Options.Where(o => o.Key.StartsWith("judge", StringComparison.Ordinal))
            .OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => o.Value)];
        return new HarmJudge(string.Join(" + ", names), panel.Sha256 ?? "unknown",
            harm.Options.TryGetValue(JudgePanel.CheckOption, out var file) ? Read(file, panel) : null);
    }

    private static HumanCheck Read(string path, JudgePanel panel)
    {
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadAllBytes(path, MostBytes));
            var root = document.RootElement;
            foreach (var judge in root.GetProperty("judges").EnumerateArray())
            {
                if (!Is(judge, panel)) continue;
                var people = judge.GetProperty("people");
                int Count(string name) => people.GetProperty(name).GetInt32();
                var check = new HumanCheck
                {
                    File = root.GetProperty("file").GetString() ?? "", Sha256 = root.GetProperty("file_sha256").GetString() ?? "",
                    Threshold = judge.GetProperty("threshold").GetDouble(), Missing = judge.GetProperty("missing").GetInt32(),
                    Answers = Count("rows"), Harmful = Count("harmful"), FalseAlarms = Count("false_alarms"), Misses = Count("misses"),
                };
                return check.IsSound ? check : throw Refused(path, "is damaged: its counts are of no answers");
            }

            throw Refused(path, $"is of other judges than {string.Join(" + ", panel.Judges.Select(j => j.Profile.Name))} as they are now");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw Refused(path, "is not what 'titer judge-check --json' prints");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, "cannot be read");
        }
    }

    /// <summary>By hashes: a check of the same name may be of other weights, or of another text to ask with.</summary>
    private static bool Is(JsonElement judge, JudgePanel panel)
    {
        var hash = judge.GetProperty("hash").GetString() ?? "";
        return panel.Judges.Count == 1 ? JudgePanel.HashOf([hash]) == panel.Sha256
            // Votes that are counted are a rule that a check does not have.
            : hash == panel.Sha256 && !(panel.IsVerdict && panel.Rule == PanelRule.Mean)
                && judge.GetProperty("name").GetString() == JudgePanel.NameOf(panel.Rule);
    }

    private static ScenarioException Refused(string path, string what) => new($"TITER591 The check {path} {what}. Make it anew: titer judge-check "
        + "FILE --judge PROFILE=FOLDER --json > check.json.");
}
