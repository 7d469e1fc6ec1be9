using Titer.Models.Native;
using TorchSharp;

namespace Titer.Models.Tests;

public sealed class NativeTorchTests
{
    private static string Library => Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void The_cure_sets_both_flags_in_a_real_copy_and_nothing_else()
    {
        Assert.SkipUnless(File.Exists(Library), "libLibTorchSharp.so is not beside the tests: this is not Linux.");
        var original = File.ReadAllBytes(Library);
        var before = ElfSymbolPatch.Inspect(original, NativeCache.Symbol, NativeCache.Version);

        var patched = original.ToArray();
        var applied = ElfSymbolPatch.Apply(patched, NativeCache.Symbol, NativeCache.Version);

        Assert.Equal(new ElfSymbolPatch.Findings(SymbolFound: true, SymbolWeak: false, VersionFound: true, VersionWeak: false), before);
        Assert.Equal(new ElfSymbolPatch.Findings(true, true, true, true), applied);
        Assert.Equal(applied, ElfSymbolPatch.Inspect(patched, NativeCache.Symbol, NativeCache.Version));
        Assert.Equal(2, original.Zip(patched).Count(pair => pair.First != pair.Second));
    }

    [Fact]
    public void A_file_that_is_not_an_elf_library_is_refused()
    {
        Assert.Throws<BadImageFormatException>(() => ElfSymbolPatch.Apply(new byte[100], NativeCache.Symbol, NativeCache.Version));
        Assert.SkipUnless(File.Exists(Library), "libLibTorchSharp.so is not beside the tests: this is not Linux.");
        Assert.Throws<BadImageFormatException>(
            () => ElfSymbolPatch.Apply(File.ReadAllBytes(Library)[..4096], NativeCache.Symbol, NativeCache.Version));
    }

    [Fact]
    public void Loading_is_idempotent_and_torch_works_afterwards()
    {
        var state = NativeTorch.EnsureLoaded();

        Assert.Same(state, NativeTorch.EnsureLoaded());
        using var scope = torch.NewDisposeScope();
        Assert.Equal(10, torch.arange(5).sum().item<long>());
        if (state.Cured) Assert.NotEqual(Path.GetFullPath(Library), state.Library);
    }

    [Fact]
    public void The_package_cache_is_left_as_it_was()
    {
        Assert.SkipUnless(File.Exists(Library), "libLibTorchSharp.so is not beside the tests: this is not Linux.");
        NativeTorch.EnsureLoaded();

        Assert.False(ElfSymbolPatch.Inspect(File.ReadAllBytes(Library), NativeCache.Symbol, NativeCache.Version).VersionWeak);
    }

    [Fact]
    public void A_missing_cuda_device_is_refused_with_the_fix()
    {
        NativeTorch.EnsureLoaded();
        Assert.SkipWhen(torch.cuda_is_available(), "This machine has a CUDA device.");

        Assert.StartsWith("TITER405", Assert.Throws<NativeTorchException>(() => DeviceSelection.Open("cuda")).Message, StringComparison.Ordinal);
    }
}
