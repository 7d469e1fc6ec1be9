namespace Titer.EndToEnd.Tests;

/// <summary>A folder with the misbehaving plugins of <c>tests/Fixtures</c>, and two that no compiler makes.</summary>
internal static class Zoo
{
    /// <summary>Where the build leaves the fixtures of this configuration.</summary>
    public static string Fixtures => TestRepository.Fixtures;

    /// <summary>What each inhabitant's cells must say: status, code, and words that tell a stranger what to do.</summary>
    public static IReadOnlyList<(string Id, string Status, string? Code, string Words)> Inhabitants { get; } =
    [
        ("throws_in_constructor", "error", "TITER201", "The constructor of 'throws_in_constructor' threw"),
        ("throws_in_static_constructor", "error", "TITER201", "the table is missing"),
        ("throws_in_method", "error", "TITER201", "the method gave up"),
        ("throws_on_own_thread", "error", "TITER204", "nobody catches this"),
        ("throws_in_finalizer", "error", "TITER204", "the finalizer threw"),
        ("loops_forever", "timeout", "TITER203", "more seconds"),
        ("loops_in_torch", "timeout", "TITER203", "more seconds"),
        ("swallows_everything", "timeout", "TITER203", "observe context.Cancellation"),
        ("sleeps_in_native", "timeout", "TITER203", "more seconds"),
        ("overflows_stack", "error", "TITER204", "recursed without end"),
        ("fails_fast", "error", "TITER204", "this plugin has had enough"),
        ("exits_process", "error", "TITER204", "exit code 0"),
        ("multiplies_wrong_shapes", "error", "TITER204", "prefer mm"),
        ("writes_bad_address", "error", "TITER204", "AccessViolation"),
        ("eats_managed_memory", "error", "TITER213", "more megabytes"),
        ("eats_tensor_memory", "error", "TITER213", "Dispose tensors"),
        ("overspends_steps", "error", "TITER202", "context.Budget.StepsLeft"),
        ("changes_torch_state", "error", "TITER215", "the default dtype to Float64"),
        ("nan_weights", "invalid", "TITER205", "not finite"),
        ("wrong_shapes", "invalid", "TITER205", "shape"),
        ("wrong_data_type", "invalid", "TITER205", "Float64"),
        ("noise_weights", "wrecked", null, "destroyed, not immunized"),
        ("api_too_old", "invalid", "TITER103", "SDK API 0"),
        ("api_too_new", "invalid", "TITER102", "SDK API 99"),
        ("ships_sdk", "invalid", "TITER110", "ExcludeAssets"),
        ("ships_torch_sharp", "invalid", "TITER111", "ExcludeAssets"),
        ("two_entry_types", "invalid", "TITER106", "two_entry_types"),
        ("NotAPlugin", "invalid", "TITER104", "TiterPlugin"),
        ("CorruptDll", "invalid", "TITER101", "Rebuild the plugin"),
        ("EmptyFolder", "invalid", "TITER104", "holds no assembly"),
        ("spawns_child", "done", "TITER702", "did nothing"),
        ("floods_output", "done", "TITER702", "did nothing"),
        ("unchanged_model", "done", "TITER702", "did nothing"),
        ("private_dependency", "done", null, ""),
    ];

    /// <summary>Puts the fixtures, a corrupt dll and an empty folder below <paramref name="folder"/>.</summary>
    public static string Fill(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var fixture in Directory.EnumerateDirectories(Fixtures))
        {
            var target = Path.Combine(folder, Path.GetFileName(fixture));
            foreach (var file in Directory.EnumerateFiles(fixture, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(target, Path.GetRelativePath(fixture, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        Directory.CreateDirectory(Path.Combine(folder, "EmptyFolder"));
        Directory.CreateDirectory(Path.Combine(folder, "CorruptDll"));
        var garbage = new byte[4096];
        new Random(1).NextBytes(garbage);
        (garbage[0], garbage[1]) = ((byte)'M', (byte)'Z');
        File.WriteAllBytes(Path.Combine(folder, "CorruptDll", "CorruptDll.dll"), garbage);
        return folder;
    }
}
