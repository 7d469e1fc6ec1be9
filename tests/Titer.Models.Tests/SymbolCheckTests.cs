using System.Text;
using Titer.Models.Native;

namespace Titer.Models.Tests;

/// <summary>Real libraries, and copies of them that are made wrong on purpose.</summary>
public sealed class SymbolCheckTests
{
    /// <summary>Exported by libc10 and called by TorchSharp's library.</summary>
    private const string Called = "_ZN3c1017get_default_dtypeEv";

    private static string TorchSharpLibrary => Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void The_libtorch_that_TorchSharp_was_made_for_has_all_that_it_calls()
    {
        RequireLinux();

        var gap = SymbolCheck.Of(Repaired(), Offered());

        Assert.Empty(gap.Symbols);
        Assert.Empty(gap.Versions);
    }

    [Fact]
    public void A_symbol_that_a_wrong_library_lacks_is_named()
    {
        RequireLinux();
        var offered = Offered();
        offered["libc10.so"] = ElfImage.Read(Renamed("libc10.so", Called));

        var gap = SymbolCheck.Of(Repaired(), offered);

        Assert.Equal([Called], gap.Symbols);
        Assert.Equal("c10::get_default_dtype()", LoadedLibraries.Readable(gap.Symbols[0]));
    }

    [Fact]
    public void Every_symbol_of_a_library_that_is_not_there_is_missing()
    {
        RequireLinux();
        var (whole, without) = (Offered(), Offered());
        without.Remove("libtorch_cpu.so");
        var exported = whole["libtorch_cpu.so"].Symbols.Where(s => s.IsDefined).Select(s => s.Name).ToHashSet();

        var gap = SymbolCheck.Of(Repaired(), without);

        Assert.InRange(gap.Symbols.Count, 500, 2000);
        Assert.All(gap.Symbols, symbol => Assert.Contains(symbol, exported));
    }

    [Fact]
    public void A_version_that_the_system_does_not_define_is_named_and_one_made_optional_is_not()
    {
        RequireLinux();
        var offered = Offered();
        var demanded = File.ReadAllBytes(TorchSharpLibrary);
        Replace(demanded, "GLIBCXX_3.4.32", "GLIBCXX_9.9.99");

        var gap = SymbolCheck.Of(ElfImage.Read(demanded), offered);
        ElfSymbolPatch.Apply(demanded, NativeCache.Symbol, "GLIBCXX_9.9.99");
        var cured = SymbolCheck.Of(ElfImage.Read(demanded), offered);

        Assert.Equal(["GLIBCXX_9.9.99 of libstdc++.so.6"], gap.Versions);
        Assert.Empty(cured.Versions);
    }

    [Fact]
    public void A_symbol_made_optional_is_not_asked_for()
    {
        RequireLinux();
        var offered = Offered();
        offered["libc10.so"] = ElfImage.Read(Renamed("libc10.so", Called));
        var library = RepairedBytes();

        ElfSymbolPatch.Weaken(library, [Called]);

        Assert.Empty(SymbolCheck.Of(ElfImage.Read(library), offered).Symbols);
    }

    [Fact]
    public void A_library_is_renamed_to_the_tail_of_a_name_that_it_mentions()
    {
        RequireLinux();
        var library = File.ReadAllBytes(Beside("libtorch.so"));

        Assert.False(ElfSoname.TrySet(library, "libtorch_hip.so"));
        Assert.True(ElfSoname.TrySet(library, "libtorch_cpu.so"));

        Assert.Equal("torch_cpu.so", Assert.Single(ElfImage.Read(library).DynamicNames, n => n.IsSoname).Name);
        Assert.Equal(ElfImage.Read(Beside("libtorch.so")).Needed, ElfImage.Read(library).Needed);
    }

    [Fact]
    public void A_file_cut_short_is_refused_when_a_table_is_asked_for()
    {
        RequireLinux();
        using var folder = new TestFolder();
        var file = folder.File("libc10.so");
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Contains(file, Assert.Throws<BadImageFormatException>(() => ElfImage.Read(file)).Message, StringComparison.Ordinal);

        // The tables of sections stand last: one that points behind them must be told from one that does not.
        var bytes = File.ReadAllBytes(Beside("libc10.so"));
        BitConverter.GetBytes(long.MaxValue).CopyTo(bytes, 0x28);
        Assert.Throws<BadImageFormatException>(() => ElfImage.Read(bytes));
    }

    private static Dictionary<string, ElfImage> Offered()
    {
        var offered = LoadedLibraries.System();
        foreach (var name in (string[])["libtorch.so", "libtorch_cpu.so", "libc10.so"]) offered.Add(name, ElfImage.Read(Beside(name)));
        return offered;
    }

    private static ElfImage Repaired() => ElfImage.Read(RepairedBytes());

    private static byte[] RepairedBytes()
    {
        var library = File.ReadAllBytes(TorchSharpLibrary);
        ElfSymbolPatch.Apply(library, NativeCache.Symbol, NativeCache.Version);
        return library;
    }

    private static byte[] Renamed(string library, string symbol)
    {
        var bytes = File.ReadAllBytes(Beside(library));
        Replace(bytes, symbol, symbol[..^1] + "x");
        return bytes;
    }

    private static void Replace(byte[] library, string name, string by)
    {
        var (from, to) = (Encoding.ASCII.GetBytes($"\0{name}\0"), Encoding.ASCII.GetBytes($"\0{by}\0"));
        var found = 0;
        for (var at = library.AsSpan().IndexOf(from); at >= 0; at = library.AsSpan().IndexOf(from), found++) to.CopyTo(library, at);
        Assert.NotEqual(0, found);
    }

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, name);

    private static void RequireLinux() =>
        Assert.SkipUnless(File.Exists(TorchSharpLibrary), "libLibTorchSharp.so is not beside the tests: this is not Linux.");
}
