namespace Titer.EndToEnd.Tests;

/// <summary>The least that has every kind of phase: for tests of what becomes of results, not of what they say.</summary>
internal static class SmallTournament
{
    public const string Text = """
        name: t
        seeds: [1]
        budget: { attack: { steps: 2 }, defense: { steps: 3 } }
        defenses: [safety_sft]
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
        """;
}
