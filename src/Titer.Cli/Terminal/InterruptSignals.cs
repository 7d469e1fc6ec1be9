using System.Globalization;
using System.Runtime.InteropServices;

namespace Titer.Cli.Terminal;

/// <summary>First Ctrl-C (or SIGTERM, or a closed terminal): running phases finish, no new one starts. Second:
/// running phases are killed. Results so far are kept.</summary>
internal sealed class InterruptSignals : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="command">What goes on from there when it is said again.</param>
    public InterruptSignals(Action<string> say, string command = "titer run")
    {
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (_drain.IsCancellationRequested)
            {
                _abort.Cancel();
                return;
            }

            // First of all: what is said may have nobody to hear it, and a dead terminal throws.
            _drain.Cancel();
            say(Says);
        }

        Says = $"Stopping: the running phases finish first. Press Ctrl-C again to kill them; '{command}' goes on from here.";
        // Under nohup the end of the terminal is no signal to stop.
        PosixSignal[] heard = IsHangUpIgnored()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. heard.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>What is said at the first one.</summary>
    public string Says { get; set; }

    public CancellationToken Drain => _drain.Token;

    public CancellationToken Abort => _abort.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _drain.Dispose();
        _abort.Dispose();
    }

    /// <summary>Whether whoever started this process had it ignore SIGHUP, the first bit of the mask.</summary>
    private static bool IsHangUpIgnored()
    {
        const string field = "SigIgn:";
        try
        {
            return File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal)) is { } line
                && (ulong.Parse(line.AsSpan(field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) == 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
