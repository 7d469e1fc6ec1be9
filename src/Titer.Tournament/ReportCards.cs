using System.Text;

namespace Titer.Tournament;

/// <summary>The report's cards: what each entrant's author says of it, beside what was measured here.</summary>
internal static class ReportCards
{
    public static void Write(StringBuilder page, TournamentReport report)
    {
        page.Append("\n## Defense cards\n\nWhat the authors of the plugins say; the numbers above do not depend on it.\n");
        foreach (var defense in report.Spec.Defenses.DistinctBy(d => d.Id)) Card(page, defense, CheapestBreak(report, defense));
        page.Append("\n## Attack cards\n");
        foreach (var attack in report.Spec.Attacks.SelectMany(Players).DistinctBy(a => a.PluginId)) Card(page, attack, measured: null);
    }

    /// <summary>Of a composition both attacks.</summary>
    private static IEnumerable<Entrant> Players(Entrant attack) => attack.Then is { } then ? [attack, then] : [attack];

    private static void Card(StringBuilder page, Entrant entrant, string? measured)
    {
        page.Append("\n### ").Append(entrant.PluginId).Append("\n\n");
        if (entrant.Card is { } card)
        {
            page.Append("- **").Append(card.Verdict).Append("**; evidence: ").Append(card.Evidence);
            if (card.Paper.Length > 0) page.Append("; ").Append(card.Paper);
            page.Append(".\n");
            foreach (var text in card.Same) Line(page, "Same", text);
            foreach (var text in card.Differs) Line(page, "Differs", text);
            Line(page, "Reference check", card.ReferenceCheck);
            Line(page, "Published strength", card.PublishedStrength);
            Line(page, "Made against", string.Join(", ", card.MadeAgainst));
            foreach (var figure in card.Published) Line(page, "Published", $"{figure.What}: {figure.Value} ({figure.Source})");
            foreach (var figure in card.Here) Line(page, "Here", $"{figure.What}: {figure.Value} ({figure.Source})");
        }
        else
        {
            page.Append("- Says nothing of its paper.\n");
        }

        if (measured is not null) Line(page, "Breaks in this tournament", measured);
    }

    /// <summary>The strength that breaks it here, to be read beside the published one.</summary>
    private static string CheapestBreak(TournamentReport report, Entrant defense)
    {
        var labels = report.Spec.Defenses.Where(d => d.Id == defense.Id).Select(d => d.Label).ToHashSet(StringComparer.Ordinal);
        var broken = report.Cells.Where(c => labels.Contains(c.Defense) && c.RunsBroken > 0 && double.IsFinite(c.CostToBreakSteps)).ToArray();
        return broken.Length == 0
            ? "under no attacker that was entered"
            : string.Join("; ", broken.OrderBy(c => c.CostToBreakSteps).DistinctBy(c => c.Attack).Take(3).Select(c =>
                $"{c.Attack} ({c.Exposure}) after {c.CostText} steps"));
    }

    private static void Line(StringBuilder page, string name, string text)
    {
        // One bullet a text: a stranger's line can begin no heading and no table.
        if (text.Length > 0) page.Append("- ").Append(name).Append(": ").Append(text).Append('\n');
    }
}
