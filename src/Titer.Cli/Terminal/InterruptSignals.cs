using System.Runtime.InteropServices;

namespace Titer.Cli.Terminal;

/// <summary>First Ctrl-C (or SIGTERM, or a closed terminal): running phases finish, no new one starts. Second: running phases are killed. Results so far are kept.</summary>
internal sealed class InterruptSignals : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly PosixSignalRegistration[] _registrations;

    public InterruptSignals(Action<string> say)
    {
        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (_drain.IsCancellationRequested)
            {
                _abort.Cancel();
                return;
            }

            say("Stopping: the running phases finish first. Press Ctrl-C again to kill them; 'titer run' goes on from here.");
            _drain.Cancel();
        }

        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle)];
    }

    public CancellationToken Drain => _drain.Token;

    public CancellationToken Abort => _abort.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _drain.Dispose();
        _abort.Dispose();
    }
}
