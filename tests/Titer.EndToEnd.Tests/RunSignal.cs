using System.Diagnostics;
using System.Globalization;

namespace Titer.EndToEnd.Tests;

/// <summary>How a run is started and stopped in a test of signals.</summary>
/// <param name="Name">For people and for Python's <c>signal</c> module, without SIG; <c>CLOSE</c> closes the terminal.</param>
/// <param name="AfterSeconds">From the start of the process.</param>
internal sealed record RunSignal(string Name, double AfterSeconds, string Sandbox, bool OnTerminal)
{
    /// <summary>
    /// Starts the command in a session of its own, on a terminal or not, with the default answer to every signal (a shell may have started the tests
    /// with SIGINT ignored), and signals its whole process group, as a terminal, systemd, Slurm and ssh do. Exits as the command does.
    /// </summary>
    private const string Driver = """
        import os, pty, select, signal, sys, time
        name, after, terminal, output = sys.argv[1], float(sys.argv[2]), sys.argv[3] == 'True', sys.argv[4]
        log = open(output, 'wb')
        if terminal:
            pid, master = pty.fork()
        else:
            master, writer = os.pipe()
            pid = os.fork()
        if pid == 0:
            if not terminal:
                os.setsid()
                os.dup2(writer, 1); os.dup2(writer, 2)
                os.close(master)
            for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT): signal.signal(s, signal.SIG_DFL)
            os.execvp(sys.argv[5], sys.argv[5:])
        if not terminal: os.close(writer)
        start, sent, open_end, status = time.time(), False, True, None
        while status is None and time.time() < start + 300:
            ready = select.select([master], [], [], 0.02)[0] if open_end else (time.sleep(0.02) or [])
            if ready:
                try: data = os.read(master, 65536)
                except OSError: data = b''
                if data: log.write(data); log.flush()
                else: open_end = False
            if not sent and time.time() >= start + after:
                sent = True
                try:
                    if name == 'CLOSE': os.close(master); open_end = False
                    elif name == 'INT' and terminal: os.write(master, b'\x03')
                    else: os.killpg(pid, getattr(signal, 'SIG' + name))
                except OSError: pass
            done, code = os.waitpid(pid, os.WNOHANG)
            if done: status = code
        if status is None: os.killpg(pid, signal.SIGKILL); sys.exit(99)
        sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    /// <summary>Whether this machine can do it.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux()
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "python3")));

    /// <returns>The command's exit code.</returns>
    public async Task<int> RunAsync(TestFolder folder, string output, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3") { WorkingDirectory = folder.Path };
        string[] all =
        [
            folder.Write("driver.py", Driver), Name, AfterSeconds.ToString(CultureInfo.InvariantCulture), OnTerminal.ToString(), output,
            "dotnet", "exec", TiterProcess.CommandLineDll, "run", .. arguments, "--sandbox", Sandbox,
        ];
        foreach (var argument in all) start.ArgumentList.Add(argument);
        start.Environment["TITER_HOME"] = Path.Combine(folder.Path, ".titer");
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    public override string ToString() =>
        FormattableString.Invariant($"{Name} after {AfterSeconds} s, sandbox {Sandbox}, {(OnTerminal ? "on a terminal" : "without a terminal")}");
}
