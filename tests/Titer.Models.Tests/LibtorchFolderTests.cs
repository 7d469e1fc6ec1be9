using System.Diagnostics;
using System.Runtime.InteropServices;
using Titer.Models.Native;

namespace Titer.Models.Tests;

/// <summary>Layouts of pip, conda, pyenv and Debian, as files in an empty folder.</summary>
public sealed class LibtorchFolderTests : IDisposable
{
    private readonly TestFolder _root = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public LibtorchFolderTests() => _environment["HOME"] = _root.File("home");

    [Theory]
    [InlineData("usr/lib/python3/dist-packages")]
    [InlineData("usr/local/lib/python3.12/dist-packages")]
    [InlineData("usr/local/lib/python3.12/site-packages")]
    [InlineData("usr/lib64/python3.12/site-packages")]
    [InlineData("home/.local/lib/python3.12/site-packages")]
    [InlineData("home/.pyenv/versions/3.12.4/lib/python3.12/site-packages")]
    [InlineData("home/miniconda3/lib/python3.12/site-packages")]
    [InlineData("opt/conda/lib/python3.12/site-packages")]
    [InlineData("opt/venv/lib/python3.12/site-packages")]
    public void A_torch_is_found_where_packages_usually_lie(string packages)
    {
        var torch = Torch(packages);

        Assert.Equal(torch, Found().Path);
    }

    [Theory]
    [InlineData("VIRTUAL_ENV", "own")]
    [InlineData("CONDA_PREFIX", "own")]
    [InlineData("PATH", "own/bin")]
    [InlineData("PYTHONPATH", "own/lib/python3.12/site-packages")]
    public void What_the_environment_names_comes_before_the_systems(string variable, string value)
    {
        Torch("usr/local/lib/python3.12/dist-packages");
        var torch = Torch("own/lib/python3.12/site-packages");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_root.File("own/bin")).FullName, "python3"), "");
        _environment[variable] = _root.File(value);

        Assert.Equal(torch, Found().Path);
    }

    [Fact]
    public void The_newest_python_comes_first_and_twelve_is_newer_than_nine()
    {
        Torch("usr/local/lib/python3.9/dist-packages");
        var torch = Torch("usr/local/lib/python3.12/dist-packages");

        Assert.Equal(torch, Found().Path);
    }

    [Fact]
    public void The_version_that_pyenv_would_take_comes_before_a_newer_one()
    {
        Torch("home/.pyenv/versions/3.13.1/lib/python3.13/site-packages");
        var torch = Torch("home/.pyenv/versions/3.12.4/lib/python3.12/site-packages");
        File.WriteAllText(_root.File("home/.pyenv/version"), "3.12.4\n");
        _environment["PATH"] = _root.File("home/.pyenv/shims");

        Assert.Equal(torch, Found().Path);
    }

    [Fact]
    public void A_python_on_the_path_leads_to_the_environment_that_its_link_points_to()
    {
        var torch = Torch("tools/python-3.12/lib/python3.12/site-packages");
        var interpreter = Path.Combine(Directory.CreateDirectory(_root.File("tools/python-3.12/bin")).FullName, "python3.12");
        File.WriteAllText(interpreter, "");
        File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(_root.File("shortcuts")).FullName, "python3"), interpreter);
        _environment["PATH"] = _root.File("shortcuts");

        Assert.Equal(torch, Found().Path);
    }

    [Fact]
    public void Versions_are_read_without_python()
    {
        Torch("usr/local/lib/python3.12/dist-packages");
        File.WriteAllText(_root.File("usr/local/lib/python3.12/dist-packages/torch/version.py"),
            "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']\n__version__ = "
                + "'2.11.0+cu130'\ndebug = False\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n");
        File.WriteAllText(_root.File("usr/local/lib/python3.12/dist-packages/torch/lib/libtorch_cuda.so"), "");

        var found = Found();

        Assert.Equal(("2.11.0+cu130", "13.0", true), (found.TorchVersion, found.CudaVersion, found.HasCuda));
        Assert.StartsWith("libtorch 2.11.0+cu130, CUDA 13.0, in ", found.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("torch")]
    [InlineData("torch/lib")]
    public void A_folder_may_be_that_of_the_packages_of_torch_or_of_its_libraries(string named)
    {
        var torch = Torch("own");

        Assert.Equal(torch, LibtorchFolder.Named(_root.File(Path.Combine("own", named)), Python()).Path);
    }

    [Fact]
    public void What_is_not_there_is_refused_with_the_places_that_were_searched()
    {
        Directory.CreateDirectory(_root.File("usr/lib/python3/dist-packages"));

        var search = Assert.Throws<NativeTorchException>(Found).Message;
        var named = Assert.Throws<NativeTorchException>(() => LibtorchFolder.Named(_root.Path, Python())).Message;

        Assert.StartsWith("TITER408", search, StringComparison.Ordinal);
        Assert.Contains(_root.File("usr/lib/python3/dist-packages"), search, StringComparison.Ordinal);
        Assert.StartsWith("TITER402", named, StringComparison.Ordinal);
    }

    [Fact]
    public void Libraries_of_cuda_come_before_those_that_need_them_and_what_nobody_needs_not_at_all()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "This is not Linux.");
        var lib = Torch("own", isReal: true);
        // Stand-ins of CUDA 12's folders (one a library) and of CUDA 13's (one for most): each says what the real one says it needs.
        Stand("own/nvidia/cublas/lib/libcublas.so.13", "libcublasLt.so.13");
        Stand("own/nvidia/cu13/lib/libcublasLt.so.13", "libcudart.so.13");
        Stand("own/nvidia/cu13/lib/libcudart.so.13", "libc.so.6");
        Stand("own/nvidia/cu13/lib/libnobody.so.13", "libc.so.6");
        Stand("own/torch/lib/libtorch_cuda.so", "libcublas.so.13");

        var order = LibtorchFolder.Named(lib, Python()).LoadOrder().Select(f => Path.GetRelativePath(_root.File("own"), f)).ToArray();

        Assert.Equal(["nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcublasLt.so.13", "nvidia/cublas/lib/libcublas.so.13",
            "torch/lib/libtorch_cuda.so"], order[^4..]);
        Assert.Equal(["torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libtorch.so"],
            order.Where(f => f.Contains("libtorch.", StringComparison.Ordinal) || f.Contains("libtorch_cpu", StringComparison.Ordinal)
                || f.Contains("libc10", StringComparison.Ordinal)));
        Assert.Equal(order.Length, order.Distinct().Count());
    }

    [Fact]
    public void A_library_that_loads_only_as_a_part_of_another_is_left_to_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "There is no C compiler.");
        // As in PyTorch 2.11: libtorch_nvshmem.so reads a symbol of libc10_cuda.so and does not name it as needed.
        var lib = Directory.CreateDirectory(_root.File("own/torch/lib")).FullName;
        Compile(lib, "libc10_cuda.so", "int titer_allocator = 41;");
        Compile(lib, "libtorch_nvshmem.so", "extern int titer_allocator; int *titer_kept = &titer_allocator;");
        Compile(lib, "libtorch_cuda.so", "extern int *titer_kept; int titer_answer(void) { return *titer_kept + 1; }",
            "-ltorch_nvshmem", "-lc10_cuda");
        Compile(lib, "libtorch.so", "extern int titer_answer(void); int titer_asked(void) { return titer_answer(); }", "-ltorch_cuda");

        LibtorchFolder.Named(lib, Python()).Load();

        var asked = NativeLibrary.GetExport(NativeLibrary.Load(Path.Combine(lib, "libtorch.so")), "titer_asked");
        Assert.Equal(42, Marshal.GetDelegateForFunctionPointer<Asked>(asked)());
    }

    [Fact]
    public void What_does_not_load_is_named_where_nothing_that_needs_it_loads_either()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "There is no C compiler.");
        var lib = Directory.CreateDirectory(_root.File("own/torch/lib")).FullName;
        Compile(lib, "libtorch_nvshmem.so", "extern int titer_nowhere; int *titer_missing = &titer_nowhere;");
        Compile(lib, "libtorch_cuda.so", "extern int *titer_missing; int titer_lost(void) { return *titer_missing; }", "-ltorch_nvshmem");
        Compile(lib, "libtorch.so", "extern int titer_lost(void); int titer_none(void) { return titer_lost(); }", "-ltorch_cuda");

        var error = Assert.Throws<DllNotFoundException>(LibtorchFolder.Named(lib, Python()).Load).Message;

        Assert.Contains("titer_nowhere", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_process_reads_is_the_folder_in_which_it_looks_for_cudas_libraries()
    {
        var lib = Torch("own");
        Directory.CreateDirectory(_root.File("own/nvidia/cu13/lib"));

        Assert.Equal([lib, _root.File("own/nvidia")], LibtorchFolder.Named(lib, Python()).Inputs);
    }

    [Fact]
    public void A_second_libtorch_is_refused_before_it_is_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "This is not Linux.");
        var state = NativeTorch.EnsureLoaded();
        var other = Torch("own");

        NativeTorch.RefuseSecondCopy(Path.GetDirectoryName(state.Library)!);
        Assert.StartsWith("TITER400", Assert.Throws<NativeTorchException>(() => NativeTorch.RefuseSecondCopy(other)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _root.Dispose();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Asked();

    private static void Compile(string folder, string name, string code, params string[] needed)
    {
        var source = Path.Combine(folder, name + ".c");
        File.WriteAllText(source, code);
        var start = new ProcessStartInfo("/usr/bin/cc", ["-shared", "-fPIC", "-Wl,-rpath,$ORIGIN", "-Wl,--no-as-needed",
            "-Wl,--unresolved-symbols=ignore-all", $"-Wl,-soname,{name}", "-L", folder, "-o", Path.Combine(folder, name), source, .. needed])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        File.Delete(source);
    }

    private LibtorchFolder Found() => LibtorchFolder.Named(LibtorchFolder.Auto, Python());

    private PythonFolders Python() => new(_environment.GetValueOrDefault, _root.Path);

    /// <returns>The folder of its libraries.</returns>
    private string Torch(string packages, bool isReal = false)
    {
        var lib = Directory.CreateDirectory(_root.File(Path.Combine(packages, "torch", "lib"))).FullName;
        if (!isReal) File.WriteAllText(Path.Combine(lib, "libtorch.so"), "");
        foreach (var file in isReal ? Directory.GetFiles(AppContext.BaseDirectory, "lib*.so*") : [])
            File.CreateSymbolicLink(Path.Combine(lib, Path.GetFileName(file)), file);
        return lib;
    }

    /// <summary>A real library, libtorch.so, that needs another one than libtorch_cpu.so: the name is written
    /// over that one's and its own, which follows.</summary>
    private void Stand(string file, string needed)
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libtorch.so"));
        var names = "libtorch_cpu.so\0libtorch.so\0"u8;
        var at = bytes.AsSpan().IndexOf(names);
        bytes.AsSpan(at, names.Length).Clear();
        System.Text.Encoding.ASCII.GetBytes(needed, bytes.AsSpan(at, names.Length - 1));
        Assert.Equal(needed, Assert.Single(ElfImage.Read(bytes).Needed));
        Directory.CreateDirectory(Path.GetDirectoryName(_root.File(file))!);
        File.WriteAllBytes(_root.File(file), bytes);
    }
}
