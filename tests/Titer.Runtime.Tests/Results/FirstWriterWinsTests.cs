using Titer.Files;

namespace Titer.Runtime.Tests.Results;

public sealed class FirstWriterWinsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_text_stays()
    {
        var path = Path.Combine(_folder, "phases", "a.json");

        Assert.True(FirstWriterWins.Commit(path, "first"));
        Assert.False(FirstWriterWins.Commit(path, "second"));
        Assert.Equal("first", File.ReadAllText(path));
    }

    [Fact]
    public async Task Of_racing_writers_exactly_one_wins_and_no_temporary_file_stays()
    {
        for (var race = 0; race < 20; race++)
        {
            var path = Path.Combine(_folder, $"{race}.json");
            using var barrier = new Barrier(8);
            var wins = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait(TestContext.Current.CancellationToken);
                    return FirstWriterWins.Commit(path, $"writer {writer}") ? writer : -1;
                },
                TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            var winner = Assert.Single(wins, w => w >= 0);
            Assert.Equal($"writer {winner}", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        }

        Assert.Empty(Directory.GetFiles(_folder, "*.tmp"));
    }
}
