namespace Titer.EndToEnd.Tests;

/// <summary>A small tournament that was played once for a class of tests, with a defense that threw.</summary>
public sealed class PlayedTournament : IAsyncLifetime
{
    private readonly TestFolder _folder = new();

    /// <summary>Its results are in <c>results/t</c> of it, its file is <c>t.yaml</c>.</summary>
    public string Path => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        _folder.Write("t.yaml", $$"""
            name: t
            seeds: [1]
            budget: { attack: { steps: 2 }, defense: { steps: 2 } }
            defenses: [safety_sft, throws_in_method]
            attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]
            plugins: ["{{System.IO.Path.Combine(TestRepository.Fixtures, "ThrowsInMethod")}}"]
            """);
        var outcome = await TiterProcess.RunAsync(Path, "run", "t.yaml");
        Assert.True(outcome.ExitCode == 1, outcome.Output + outcome.Error);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
