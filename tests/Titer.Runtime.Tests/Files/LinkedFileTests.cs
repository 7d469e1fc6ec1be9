using Titer.Files;

namespace Titer.Runtime.Tests.Files;

public sealed class LinkedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("titer-link-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_is_there_a_second_time_and_what_its_links_point_to_is_copied()
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source", "inner")).Parent!.FullName;
        var elsewhere = Path.Combine(_folder, "elsewhere");
        File.WriteAllText(elsewhere, "behind a link");
        File.WriteAllText(Path.Combine(source, "inner", "file"), "plain");
        File.CreateSymbolicLink(Path.Combine(source, "link"), elsewhere);

        LinkedFile.PutFolder(source, Path.Combine(_folder, "target"));

        var (file, link) = (new FileInfo(Path.Combine(_folder, "target", "inner", "file")), new FileInfo(Path.Combine(_folder, "target", "link")));
        Assert.Equal("plain", File.ReadAllText(file.FullName));
        Assert.Null(link.LinkTarget);
        Assert.Equal("behind a link", File.ReadAllText(link.FullName));
    }

    [Fact]
    public void A_file_that_is_missing_or_there_already_is_said()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "once");

        Assert.Throws<FileNotFoundException>(() => LinkedFile.Put(Path.Combine(_folder, "missing"), Path.Combine(_folder, "new")));
        Assert.Throws<IOException>(() => LinkedFile.Put(file, file));
    }
}
