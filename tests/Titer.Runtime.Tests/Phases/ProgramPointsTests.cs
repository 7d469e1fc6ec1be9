using Titer.Runtime.Phases;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What an attack that is a program left to be measured: input of a stranger.</summary>
public sealed class ProgramPointsTests
{
    [Fact]
    public void Folders_of_points_come_in_the_order_of_their_steps()
    {
        using var folder = new TestFolder();
        var files = With(folder, "step-3", "step-1", "other");

        Assert.Equal([1, 3], files.Points(budget: 3, declared: 0).Select(p => p.Step));
        Assert.Equal("step-1", Path.GetFileName(files.Points(3, 0)[0].Folder));
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(5, 5)]
    [InlineData(500, 8)]
    public void Without_any_the_output_is_the_end_at_the_steps_that_it_declares_or_at_the_budget(int declared, int step)
    {
        using var folder = new TestFolder();
        var files = With(folder);

        Assert.Equal((step, files.Output), Assert.Single(files.Points(budget: 8, declared)));
    }

    [Theory]
    [InlineData("step-9")]
    [InlineData("step-0")]
    [InlineData("step--1")]
    [InlineData("step-one")]
    public void A_folder_of_no_point_is_refused(string name)
    {
        using var folder = new TestFolder();

        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => With(folder, name).Points(8, 0)).Message, StringComparison.Ordinal);
    }

    private static ProgramFiles With(TestFolder folder, params string[] left)
    {
        var files = new ProgramFiles(folder.Path);
        foreach (var name in left.Append("")) Directory.CreateDirectory(Path.Combine(files.Output, name));
        return files;
    }
}
