using Titer.Scenarios.Yaml;

namespace Titer.Scenarios.Data.Evaluations;

/// <summary>Where an evaluation's questions are, as a scenario declares it.</summary>
/// <param name="Limit">Questions at most; null takes all.</param>
internal sealed record EvaluationDeclaration(string Name, EvaluationKind Kind, IReadOnlyList<string> Paths, int Skip, int? Limit)
{
    private const int MostEvaluations = 32;

    private static readonly Dictionary<string, EvaluationKind> Kinds = Enum.GetValues<EvaluationKind>()
        .ToDictionary(k => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(k.ToString()));

    /// <param name="folder">Folder of the scenario file: paths are relative to it.</param>
    public static IReadOnlyList<EvaluationDeclaration> Read(string folder, StrictYaml node)
    {
        var entries = node.Map();
        if (entries.Count > MostEvaluations)
            throw node.Problem($"TITER504 There are {entries.Count} evaluations; at most {MostEvaluations} are asked. Leave some out.");
        return [.. entries.Select(entry => One(folder, entry.Key, entry.Value))];
    }

    /// <exception cref="ScenarioException">A file is missing, a row is of no published form, or nothing is left.</exception>
    public NamedEvaluation Questions()
    {
        var questions = new List<EvaluationQuestion>();
        var number = 0;
        foreach (var row in Paths.SelectMany(path => new DataFile(path).Rows()))
        {
            if (questions.Count == Limit) break;
            var question = EvaluationRow.Of(row, Kind, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}/{number}"));
            if (question is null || number++ < Skip) continue;
            questions.Add(question);
        }

        return questions.Count > 0 ? new NamedEvaluation(Name, Kind, questions)
            : throw new ScenarioException(
                $"{Paths[0]}: TITER529 No question of the evaluation '{Name}' is left. Correct 'skip', or give other rows.");
    }

    private static EvaluationDeclaration One(string folder, string name, StrictYaml node)
    {
        var entries = node.Map("kind", "path", "skip", "limit");
        foreach (var key in (string[])["kind", "path"])
            node.Required(entries, key, $"TITER504 The evaluation '{name}' lacks '{key}'. It needs kind and path.");
        var kind = entries["kind"];
        var named = kind.Text(Kinds.Keys);
        return new EvaluationDeclaration(name,
            kind.IsShape ? default : Kinds.TryGetValue(named, out var known) ? known
                : throw kind.Problem($"TITER504 '{named}' is no kind of evaluation. There are {string.Join(", ", Kinds.Keys)}."),
            DataPaths.Of(folder, entries["path"]),
            entries.TryGetValue("skip", out var skip) ? (int)skip.Whole(0, int.MaxValue) : 0,
            entries.TryGetValue("limit", out var limit) ? (int)limit.Whole(1, 100_000) : null);
    }
}
