namespace Titer.Tournament.Tests;

/// <summary>A program says itself how many steps it took; what it computed is seen from outside, and a board says both.</summary>
public sealed class ProgramCostTests
{
    [Theory]
    [InlineData(0, 60, "program says that it took 0 steps and computed 180 seconds, as long as about 400 steps of ordinary training")]
    [InlineData(2, 60, "program says that it took 6 steps and computed 180 seconds")]
    [InlineData(100, 60, null)]
    [InlineData(0, 5, null)]
    public void A_program_that_computed_far_more_than_its_steps_take_is_marked(int steps, double seconds, string? expected)
    {
        var spec = Some.Spec("program");
        spec = spec with { Defenses = [spec.Defenses[0], spec.Defenses[1] with { Origin = EntrantOrigin.Program }] };

        // Half a second a step, where attacks train.
        var warnings = Some.Play(spec, p => p.Kind == PhaseKind.Attack
            ? Some.Standard(p, Curves) with { Spent = new Spent { Steps = 32, WallSeconds = 16 } }
            : p is { Kind: PhaseKind.Defend, Defense.Id: "program" }
                ? Some.Result(p) with { Spent = new Spent { Steps = steps }, ProcessorSeconds = seconds }
                : Some.Standard(p, Curves)).Warnings;

        Assert.Contains("The steps of program are the word of a program of its own; its seconds are measured.", warnings);
        if (expected is null) Assert.DoesNotContain(warnings, w => w.Contains("says that it took", StringComparison.Ordinal));
        else Assert.Contains(warnings, w => w.StartsWith(expected, StringComparison.Ordinal));
    }

    /// <summary>The same sentence by the same bound; and nothing is measured by the steps of a program, which are its word.</summary>
    [Theory]
    [InlineData(1, 60, true)]
    [InlineData(32, 60, false)]
    [InlineData(1, 5, false)]
    public void An_attack_that_is_a_program_is_held_against_its_steps_as_a_defense_is(int steps, double seconds, bool isMarked)
    {
        var spec = Some.Spec("program");
        var attack = spec.Attacks.First(a => a.UsesHarmfulData) with { Id = "walk", Label = "walk", Origin = EntrantOrigin.Program };
        spec = spec with { Attacks = [.. spec.Attacks, attack] };

        var warnings = Some.Play(spec, p => p.Kind != PhaseKind.Attack ? Some.Standard(p, Curves)
            : p.Attack!.Label == "walk"
                ? Some.Standard(p, Curves) with { Spent = new Spent { Steps = steps, WallSeconds = seconds }, ProcessorSeconds = seconds }
                : Some.Standard(p, Curves) with { Spent = new Spent { Steps = 32, WallSeconds = 16 } }).Warnings;

        Assert.Single(warnings, w => w == "The steps of walk are the word of a program of its own; its seconds are measured.");
        var marked = warnings.Where(w => w.StartsWith("walk says that it took", StringComparison.Ordinal)).ToArray();
        Assert.Equal(isMarked ? 1 : 0, marked.Length);
        Assert.All(marked, w => Assert.Contains("of ordinary training on this subject: what it cost is those seconds", w, StringComparison.Ordinal));
    }

    private static Dictionary<string, Dictionary<int, double>> Curves { get; } = new() { ["program"] = new() { [0] = 0, [32] = 0 } };
}
