using System.Text.Json.Nodes;

namespace Titer.EndToEnd.Tests;

/// <summary>The libtorch of another installation, in real workers. The one beside the program is
/// another file, and two in one process abort it.</summary>
public sealed class LibtorchTests
{
    private static readonly string Own = Path.Combine(TiterProcess.CommandLineFolder, "worker");

    [Fact]
    public async Task A_torch_that_pip_installed_is_found_and_is_the_only_one_that_a_worker_loads()
    {
        using var folder = new TestFolder();
        var lib = Torch(folder, (from, to) => File.Copy(from, to));

        var outcome = await TiterProcess.RunAsync(folder.Path,
            new Dictionary<string, string> { ["VIRTUAL_ENV"] = Path.Combine(folder.Path, "venv") }, "doctor", "--libtorch", "auto", "--device",
            "cpu", "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        var torch = JsonNode.Parse(outcome.Output)!["torch"]!;
        Assert.Equal($"libtorch 2.10.0+cpu, without CUDA, in {lib}", (string)torch["libtorch"]!);
        Assert.Null((string?)torch["device"]!["problem"]);
        // A worker sees the folder alone, whatever it was named by.
        var named = await TiterProcess.RunAsync(folder.Path, new Dictionary<string, string> { ["TITER_LIBTORCH"] = lib }, "doctor", "--json",
            "--device", "cpu");
        Assert.Equal((string)torch["libtorch"]!, (string)JsonNode.Parse(named.Output)!["torch"]!["libtorch"]!);
    }

    [Fact]
    public async Task A_torch_that_lacks_a_symbol_is_refused_by_the_symbols_name_and_no_worker_dies()
    {
        using var folder = new TestFolder();
        var lib = Torch(folder, (from, to) => File.CreateSymbolicLink(to, from));
        var wrong = File.ReadAllBytes(Path.Combine(lib, "libc10.so"));
        var at = wrong.AsSpan().IndexOf("\0_ZN3c1017get_default_dtypeEv\0"u8);
        wrong[at + 20] = (byte)'X';
        File.Delete(Path.Combine(lib, "libc10.so"));
        File.WriteAllBytes(Path.Combine(lib, "libc10.so"), wrong);
        var environment = new Dictionary<string, string> { ["TITER_LIBTORCH"] = lib };

        var refused = await TiterProcess.RunAsync(folder.Path, environment, "doctor", "--json");
        var problem = (string)JsonNode.Parse(refused.Output)!["torch"]!["problem"]!;

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("TITER409", problem, StringComparison.Ordinal);
        Assert.Contains("lacks 1 symbol(s)", problem, StringComparison.Ordinal);
        Assert.Contains("c10::get_default_dtype()", problem, StringComparison.Ordinal);
        // Nothing of it is in a cache that a later start would trust.
        Assert.StartsWith("TITER409",
            (string)JsonNode.Parse((await TiterProcess.RunAsync(folder.Path, environment, "doctor", "--json")).Output)!["torch"]!["problem"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gpu_that_is_not_there_is_bad_only_when_it_was_asked_for()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidiactl"), "This machine has a GPU.");
        using var folder = new TestFolder();

        var asked = await TiterProcess.RunAsync(folder.Path, "doctor", "--device", "cuda");
        var wrong = await TiterProcess.RunAsync(folder.Path, "doctor", "--device", "gpu");

        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("BAD device: TITER405", asked.Output, StringComparison.Ordinal);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("TITER610", wrong.Error, StringComparison.Ordinal);
    }

    /// <summary>Lays the program's own libtorch out as pip does.</summary>
    private static string Torch(TestFolder folder, Action<string, string> place)
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Own, "libtorch.so")), "No libtorch lies beside the worker: this is not Linux.");
        var torch = Path.Combine(folder.Path, "venv", "lib", "python3.12", "site-packages", "torch");
        var lib = Directory.CreateDirectory(Path.Combine(torch, "lib")).FullName;
        foreach (var name in (string[])["libtorch.so", "libtorch_cpu.so", "libc10.so"]) place(Path.Combine(Own, name), Path.Combine(lib, name));
        foreach (var openMp in Directory.GetFiles(Own, "libgomp*")) place(openMp, Path.Combine(lib, Path.GetFileName(openMp)));
        File.WriteAllText(Path.Combine(torch, "version.py"), "__version__ = '2.10.0+cpu'\ncuda: Optional[str] = None\n");
        return lib;
    }
}
