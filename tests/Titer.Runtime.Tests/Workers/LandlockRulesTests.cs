using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>Which files a worker behind Landlock has, and what it may do with them.</summary>
public sealed class LandlockRulesTests
{
    private const ulong ReadFile = 4;
    private const ulong WriteFile = 2;
    private const ulong ReadFolder = 8;
    private const ulong MakeDevices = (1 << 6) | (1 << 11);
    private const ulong MakeSocket = 1 << 9;
    private const ulong Truncate = 1 << 14;
    private const ulong DeviceCommands = 1 << 15;

    [Fact]
    public void A_hidden_folder_has_no_rule_and_its_neighbors_have()
    {
        using var folder = new TestFolder();
        var program = Path.Combine(folder.Path, "worker");
        Directory.CreateDirectory(Path.Combine(program, "scenarios"));
        Directory.CreateDirectory(Path.Combine(program, "deep"));
        folder.Write("worker/a.dll", "a");
        folder.Write("worker/scenarios/secret.yaml", "a");
        folder.Write("worker/deep/b.dll", "b");
        var hidden = Path.Combine(program, "scenarios");

        var rules = LandlockRules.Of([program, "/elsewhere"], [hidden], ["/given"], ["/hand/over"], "/own", withGpu: false);

        Assert.Contains(new LandlockRule(LandlockAccess.Read, Path.Combine(program, "a.dll")), rules);
        Assert.Contains(new LandlockRule(LandlockAccess.Read, Path.Combine(program, "deep")), rules);
        Assert.Contains(new LandlockRule(LandlockAccess.Read, "/elsewhere"), rules);
        Assert.Equal([LandlockAccess.Names], rules.Where(r => r.Path == program).Select(r => r.Access));
        Assert.DoesNotContain(rules, r => r.Path.StartsWith(hidden, StringComparison.Ordinal));
        Assert.Equal(["/hand/over"], rules.Where(r => r.Access == LandlockAccess.Write).Select(r => r.Path));
        Assert.Equal(["/own"], rules.Where(r => r.Access == LandlockAccess.Own).Select(r => r.Path));
        // Of other processes, homes, temporary folders and memory there is none.
        Assert.DoesNotContain(rules,
            r => r.Path is "/" or "/proc" or "/tmp" or "/dev" or "/dev/shm" or "/home" or "/root" or "/etc" or "/var" or "/run");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Reading_is_not_writing_and_nobody_makes_devices_or_sockets(int abi)
    {
        var (read, own) = (Landlock.Granted(LandlockAccess.Read, isFolder: true, abi), Landlock.Granted(LandlockAccess.Own, isFolder: true, abi));

        Assert.Equal(0UL, read & (WriteFile | Truncate | DeviceCommands));
        Assert.Equal(ReadFile | ReadFolder, read & (ReadFile | ReadFolder));
        Assert.Equal(WriteFile | Truncate, own & (WriteFile | Truncate));
        Assert.Equal(0UL, own & (MakeDevices | MakeSocket | DeviceCommands));
        // The kernel takes no right of folders for a file, and none that it does not know.
        Assert.Equal(0UL, Landlock.Granted(LandlockAccess.Read, isFolder: false, abi) & ReadFolder);
        Assert.All(Enum.GetValues<LandlockAccess>(), access => Assert.Equal(0UL,
            Landlock.Granted(access, isFolder: true, abi) & ~Landlock.Handled(abi)));
        Assert.Equal(abi >= 5, (Landlock.Granted(LandlockAccess.Device, isFolder: false, abi) & DeviceCommands) != 0);
    }
}
