using Titer.Files;
using Titer.Plugins;

namespace Titer.Runtime.Tests.Plugins;

/// <summary>A content hash is of every file that a plugin's code can read where it plays.</summary>
public sealed class ReadableFilesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Symbols_that_the_compiler_made_with_the_dll_may_be_read_and_nothing_else_that_is_called_so()
    {
        var plugin = _folder.CopyOf("GoodDefense", "plugin");
        var symbols = Path.Combine(plugin, "GoodDefense.pdb");
        Assert.True(ReadableFiles.Has(symbols, "GoodDefense.pdb"));

        // Behaviors under one hash: none of these is read.
        var hash = ContentHash.OfFolder(plugin);
        File.WriteAllText(Path.Combine(plugin, "payload.pdb"), "behave well");
        File.WriteAllText(Path.Combine(plugin, "titer-plugin.sig"), "or do not");
        File.AppendAllText(symbols, "or behave as this says");
        Assert.Equal(hash, ContentHash.OfFolder(plugin));
        Assert.Equal(["GoodDefense.dll"], Read(plugin).Where(n => Path.GetExtension(n) is ".pdb" or ".sig" or ".dll"));
    }

    [Fact]
    public void A_copy_of_a_build_keeps_its_signature_and_no_payload()
    {
        var plugin = _folder.CopyOf("GoodDefense", "plugin");
        File.WriteAllText(Path.Combine(plugin, "payload.PDB"), "behave well");
        File.WriteAllText(Path.Combine(plugin, "titer-plugin.sig"), "signature");
        var copy = Path.Combine(_folder.Path, "copy");

        FolderCopy.Copy(plugin, copy, takes: ReadableFiles.IsKept);

        Assert.False(File.Exists(Path.Combine(copy, "payload.PDB")));
        Assert.True(File.Exists(Path.Combine(copy, "titer-plugin.sig")));
        Assert.True(File.Exists(Path.Combine(copy, "GoodDefense.pdb")));
    }

    private string[] Read(string plugin)
    {
        var given = Path.Combine(_folder.Path, "given");
        LinkedFile.PutFolder(plugin, given, ReadableFiles.Has);
        return [.. Directory.GetFiles(given, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(given, f))
            .Order(StringComparer.Ordinal)];
    }
}
