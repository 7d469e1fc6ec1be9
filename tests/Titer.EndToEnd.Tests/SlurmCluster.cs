using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Titer.EndToEnd.Tests;

/// <summary>
/// A real Slurm on this machine for one test class: two nodes of one core and one make-believe GPU each, with a key and sockets of their own;
/// nothing under /etc is touched. Needs root, and Debian's packages slurm-wlm and munge.
/// </summary>
public sealed class SlurmCluster : IAsyncLifetime
{
    /// <summary>Set where the packages were installed for the tests: there a skip is a failure.</summary>
    private const string RequiredVariable = "TITER_TESTS_NEED_SLURM";

    private const int Port = 17917;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly string[] Nodes = ["n1", "n2"];
    private readonly List<Process> _daemons = [];

    /// <summary>Why there is none; null when it is up.</summary>
    private string? _lacks;

    public string Folder { get; } = Directory.CreateTempSubdirectory("titer-slurm-").FullName;

    public Dictionary<string, string> Environment => new() { ["SLURM_CONF"] = Configuration };

    private string Configuration => Path.Combine(Folder, "slurm.conf");

    public async ValueTask InitializeAsync()
    {
        _lacks = Missing();
        if (_lacks is not null) return;
        try
        {
            foreach (var name in new[] { "run", "log", "state", "gpu", "munge" }) Directory.CreateDirectory(Path.Combine(Folder, name));
            var key = Path.Combine(Folder, "munge", "key");
            await File.WriteAllBytesAsync(key, System.Security.Cryptography.RandomNumberGenerator.GetBytes(128));
            await ToolAsync("chmod", "600", key);
            await ToolAsync("chmod", "755", Folder);
            await ToolAsync("chmod", "700", Path.Combine(Folder, "munge"));
            foreach (var node in Nodes) await ToolAsync("mknod", Path.Combine(Folder, "gpu", node), "c", "1", "3");
            await WriteConfigurationAsync();
            Daemon("munged", "--foreground", "--force", $"--key-file={key}", $"--socket={Folder}/run/munge.sock",
                $"--pid-file={Folder}/run/munged.pid", $"--log-file={Folder}/log/munged.log", $"--seed-file={Folder}/munge/seed");
            await UntilAsync(() => Task.FromResult(Path.Exists($"{Folder}/run/munge.sock")), "munged");
            Daemon("slurmctld", "-D", "-c");
            foreach (var node in Nodes)
            {
                Directory.CreateDirectory(Path.Combine(Folder, "spool", node));
                Daemon("slurmd", "-D", "-N", node);
            }

            await UntilAsync(async () => (await ToolAsync("sinfo", "-h", "-N", "-t", "idle", "-o", "%N")).Split('\n',
                StringSplitOptions.RemoveEmptyEntries).Distinct().Count() == Nodes.Length, "idle nodes");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException)
        {
            _lacks = $"Slurm did not start here: {e.Message}";
        }
    }

    /// <summary>Skips the test where there is no cluster.</summary>
    public void Demand()
    {
        if (_lacks is null) return;
        if (System.Environment.GetEnvironmentVariable(RequiredVariable) is { Length: > 0 }) Assert.Fail($"{RequiredVariable} is set. {_lacks}");
        Assert.Skip(_lacks);
    }

    /// <summary>Runs one of Slurm's programs, or another.</summary>
    /// <returns>What it wrote, errors too.</returns>
    public async Task<string> ToolAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output + await error;
    }

    /// <summary>Jobs with number, state, reason and node.</summary>
    public async Task<(string Id, string State, string Reason, string Node)[]> JobsAsync() =>
    [
        .. (await ToolAsync("squeue", "-h", "-r", "-t", "all", "-o", "%F_%K|%T|%r|%N")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split('|')).Where(p => p.Length == 4).Select(p => (p[0], p[1], p[2], p[3])),
    ];

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > (patience ?? Patience)) throw new TimeoutException($"{what}: it did not come.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lacks is null) await ToolAsync("scancel", "--me");
        // The nodes first: their steps end with them.
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string? Missing()
    {
        if (!OperatingSystem.IsLinux()) return "Slurm runs on Linux.";
        if (System.Environment.UserName != "root") return "A private Slurm is started by root alone.";
        var folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return new[] { "munged", "slurmctld", "slurmd", "sbatch", "mknod" }.FirstOrDefault(p => !folders.Any(f => File.Exists(Path.Combine(f, p))))
            is { } missing ? $"{missing} is not installed (apt-get install slurm-wlm munge)." : null;
    }

    private async Task WriteConfigurationAsync()
    {
        var host = (await ToolAsync("hostname", "-s")).Trim();
        var text = new StringBuilder($"""
            ClusterName=titer
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={Folder}/run/munge.sock
            CredType=cred/munge
            SlurmctldPort={Port}
            SlurmctldPidFile={Folder}/run/slurmctld.pid
            SlurmdPidFile={Folder}/run/slurmd.%n.pid
            SlurmctldLogFile={Folder}/log/slurmctld.log
            SlurmdLogFile={Folder}/log/slurmd.%n.log
            StateSaveLocation={Folder}/state
            SlurmdSpoolDir={Folder}/spool/%n
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            MpiDefault=none
            MailProg=/bin/true
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerType=sched/backfill
            SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
            GresTypes=gpu
            MaxArraySize=9
            ReturnToService=2
            SlurmdTimeout=10
            KillWait=2
            MinJobAge=600

            """);
        var gres = new StringBuilder();
        for (var n = 0; n < Nodes.Length; n++)
        {
            text.Append(CultureInfo.InvariantCulture, $"NodeName={Nodes[n]} NodeHostname={host} NodeAddr=127.0.0.1 Port={Port + 1 + n} CPUs=1 ")
                .AppendLine("RealMemory=4000 Gres=gpu:1 State=UNKNOWN");
            gres.AppendLine(CultureInfo.InvariantCulture, $"NodeName={Nodes[n]} Name=gpu File={Folder}/gpu/{Nodes[n]}");
        }

        text.AppendLine("PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP");
        await File.WriteAllTextAsync(Configuration, text.ToString());
        await File.WriteAllTextAsync(Path.Combine(Folder, "gres.conf"), gres.ToString());
    }

    private void Daemon(string program, params string[] arguments)
    {
        var process = Start(program, arguments);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _daemons.Add(process);
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = Configuration;
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
