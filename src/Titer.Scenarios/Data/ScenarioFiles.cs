using System.Text;

namespace Titer.Scenarios.Data;

/// <summary>A scenario's own files as its data, checked: the splits are apart, and the domains are those that the scenario names.</summary>
/// <param name="Names">Domains that a message may repeat: those that the scenario names, and those
/// of parts where they can be told from texts.</param>
internal sealed record ScenarioFiles(ScenarioData Data, IReadOnlyList<DataPartReport> Reports, IReadOnlySet<string>? Names = null)
{
    /// <summary>Parts of one side may share prompts; those of different sides may not. Trainability is a contest of its own.</summary>
    private static readonly string[][][] Sides =
    [
        [["defender_harmful", "defender_benign"], ["attacker_harmful", "attacker_benign"], ["evaluation_harmful", "evaluation_benign"]],
        [["trainability_training"], ["trainability_evaluation"]],
    ];

    /// <param name="path">The scenario file, for messages.</param>
    /// <param name="trainability">Empty: all domains of the trainability parts.</param>
    public static ScenarioFiles Read(string path, IReadOnlyList<DataPartFile> files, ForbiddenDomains forbidden, IReadOnlyList<string> trainability)
    {
        var (examples, reports) = (new Dictionary<string, List<ChatExample>>(), new List<DataPartReport>());
        List<string> texts = [];
        foreach (var file in files)
        {
            DataPartReport report;
            var reader = new DataPartReader(Within(file, forbidden));
            if (file.Part == DataDeclaration.ReferenceText) (texts, report) = reader.ReadTexts();
            else (examples[file.Part], report) = reader.Read();
            reports.Add(report);
        }

        LeaveOutRepeated(files, examples, reports);
        HashSet<string> names = [.. forbidden.All, .. trainability, .. reports.SelectMany(report => report.RowsByDomain.Keys),
            .. files.Select(file => file.Domain).OfType<string>()];
        CheckDomains(path, examples, forbidden, trainability, names);
        foreach (var sides in Sides) CheckApart(path, examples, sides, names);
        return new ScenarioFiles(
            new ScenarioData
            {
                DefenderHarmful = examples["defender_harmful"],
                DefenderBenign = examples["defender_benign"],
                AttackerHarmful = examples["attacker_harmful"],
                AttackerBenign = examples["attacker_benign"],
                EvaluationHarmful = examples["evaluation_harmful"],
                EvaluationBenign = examples["evaluation_benign"],
                TrainabilityTraining = examples["trainability_training"],
                TrainabilityEvaluation = examples["trainability_evaluation"],
                ReferenceText = texts,
            },
            reports,
            names);
    }

    /// <summary>A published set has more domains than a scenario: those that it does not name, or withholds, are left out.</summary>
    private static DataPartFile Within(DataPartFile file, ForbiddenDomains forbidden)
    {
        if (file.Preset is null || !file.IsHarmful) return file;
        var own = file.NeedsRefusals ? forbidden.Known : forbidden.All;
        return file with
        {
            OnlyDomains = file.OnlyDomains is { } named ? [.. named.Intersect(own)] : own,
            NeverDomains = file.NeedsRefusals ? forbidden.Withheld : [],
        };
    }

    /// <summary>
    /// Published sets ask the same more than once. Of a part that is of one, what an earlier side asks is left out, and of an evaluation what it
    /// asked itself: both are counted.
    /// </summary>
    private static void LeaveOutRepeated(IReadOnlyList<DataPartFile> files, Dictionary<string, List<ChatExample>> examples,
        List<DataPartReport> reports)
    {
        foreach (var sides in Sides)
        {
            var earlier = new HashSet<string>(StringComparer.Ordinal);
            foreach (var side in sides)
            {
                foreach (var file in files.Where(f => side.Contains(f.Part) && f.Preset is not null))
                {
                    var own = new HashSet<string>(StringComparer.Ordinal);
                    var isAsked = file.Part.Contains("evaluation", StringComparison.Ordinal);
                    ChatExample[] kept = [.. examples[file.Part].Where(e => !earlier.Contains(Key(e)) && (!isAsked || own.Add(Key(e))))];
                    var at = reports.FindIndex(r => r.Part == file.Part);
                    reports[at] = reports[at].Without(examples[file.Part].Count - kept.Length, kept);
                    if (kept.Length == 0)
                        throw new ScenarioException($"{file.Paths[0]}: TITER529 No row of {file.Part} is left: all of them ask what another side "
                            + "asks. Give other rows, or another 'skip'.");
                    examples[file.Part] = [.. kept];
                }

                foreach (var example in side.SelectMany(part => examples[part])) earlier.Add(Key(example));
            }
        }
    }

    private static void CheckDomains(string path, Dictionary<string, List<ChatExample>> examples, ForbiddenDomains forbidden,
        IReadOnlyList<string> trainability, HashSet<string> names)
    {
        Need("domains.known", forbidden.Known, "defender_harmful", "attacker_harmful", "evaluation_harmful");
        Need("domains.withheld", forbidden.Withheld, "attacker_harmful", "evaluation_harmful");
        Need("trainability.domains", trainability, "trainability_training", "trainability_evaluation");
        if (DomainsOf("defender_harmful").FirstOrDefault(forbidden.Withheld.Contains) is { } leaked)
            throw new ScenarioException(
                $"{path}: TITER533 defender_harmful has rows of the domain '{leaked}', which is withheld from the defender. Remove them, or name "
                    + "it under domains.known.");
        foreach (var part in (string[])["defender_harmful", "attacker_harmful", "evaluation_harmful"])
            if (DomainsOf(part).FirstOrDefault(domain => !forbidden.All.Contains(domain)) is { } stray)
                throw new ScenarioException(
                    $"{path}: TITER533 {part} has rows of the domain {Printed(stray)}, which is neither known nor withheld (the first is "
                        + $"row {examples[part].First(e => e.Domain == stray).Id.Split('/')[^1]}). Name it under domains.known or "
                        + "domains.withheld, leave its rows out with 'where', or remove them.");
        if (DomainsOf("defender_benign")
            .FirstOrDefault(domain => (trainability.Count == 0 ? DomainsOf("trainability_training") : trainability).Contains(domain)) is { } seen)
            throw new ScenarioException(
                $"{path}: TITER533 The trainability domain {Printed(seen)} is also in defender_benign. Trainability is measured on domains that "
                    + "the defender never saw.");

        string Printed(string domain) => names.Contains(domain) ? $"'{domain}'" : $"of {domain.Length} characters";

        string Listed(IEnumerable<string> domains) =>
            domains.Where(names.Contains).ToList() is { Count: > 0 } known ? string.Join(", ", known) : $"{domains.Count()} others";

        IEnumerable<string> DomainsOf(string part) => examples[part].Select(e => e.Domain).Distinct();

        void Need(string key, IEnumerable<string> domains, params string[] parts)
        {
            foreach (var domain in domains)
                foreach (var part in parts)
                    if (!DomainsOf(part).Contains(domain))
                        throw new ScenarioException(
                            $"{path}: TITER533 {key} names '{domain}', of which {part} has no rows. It has: {Listed(DomainsOf(part))}.");
        }
    }

    private static void CheckApart(string path, Dictionary<string, List<ChatExample>> examples, string[][] sides, HashSet<string> names)
    {
        var owners = new Dictionary<string, (int Side, ChatExample Example)>(StringComparer.Ordinal);
        for (var side = 0; side < sides.Length; side++)
        {
            foreach (var example in sides[side].SelectMany(part => examples[part]))
            {
                var owner = owners.TryGetValue(Key(example), out var first) ? first : owners[Key(example)] = (side, example);
                if (owner.Side != side)
                    throw new ScenarioException(
                        $"{path}: TITER531 {Place(example, names)} asks the same as {Place(owner.Example, names)} (white space and case aside). "
                            + "A prompt belongs to one "
                            + $"of {string.Join(", ", sides.Select(s => s[0].Split('_')[s.Length > 1 ? 0 : 1]))}: remove one of the two rows.");
            }
        }
    }

    /// <summary>Where an example is, without what may be a row's text.</summary>
    /// <param name="names">Null: all domains are names.</param>
    public static string Place(ChatExample example, IReadOnlySet<string>? names)
    {
        var id = names is null || names.Contains(example.Domain) ? $"'{example.Id}'" : null;
        return example.Id.Split('/') is [_, .., var part, var row] && DataDeclaration.Parts.Contains(part)
            ? $"Row {row} of {part}{(id is null ? "" : $" ({id})")}"
            : id ?? "A row";
    }

    /// <summary>The question with what comes before it, in lower case, runs of white space as one space.</summary>
    internal static string Key(ChatExample example)
    {
        var text = new StringBuilder();
        foreach (var part in (example.History ?? []).Select(message => message.Text).Append(example.Question))
            text.AppendJoin(' ', part.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Append('\n');
        return text.ToString();
    }
}
