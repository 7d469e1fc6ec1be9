using System.Globalization;
using System.Text;

namespace Titer.Runtime.Results;

/// <summary>
/// Who plays in a results folder, for hosts whose locks do not reach each other (a network file system mounted without them, a lock file that
/// somebody removed): a file that its owner writes anew every few seconds. Nobody's clock is believed: whoever finds it waits whether it changes.
/// </summary>
internal sealed class FolderClaim : IDisposable
{
    internal const string FileName = ".host";

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>Several beats, and what a network file system shows late.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly string _file;
    private readonly string _owner =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} {Environment.ProcessId} {Guid.NewGuid():N}");
    private readonly Timer _timer;
    private readonly Lock _beating = new();
    private long _beats;
    private readonly CancellationTokenSource _lost = new();
    private bool _isGivenBack;

    private FolderClaim(string file)
    {
        _file = file;
        Write();
        _timer = new Timer(_ => Tick(), null, Beat, Beat);
    }

    /// <summary>Takes the folder.</summary>
    /// <returns>The claim, or who plays there: host and process.</returns>
    public static (FolderClaim? Claim, string? Other) Take(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (Other(file) is { } other) return (null, other);
        var claim = new FolderClaim(file);
        // Of two that came at the same moment the last one to write has it; the other sees so before it plays.
        Thread.Sleep(Read(file) is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50));
        if (claim.IsOwn(Read(file))) return (claim, null);
        claim.Dispose();
        return (null, Owner(Read(file)) ?? "another process");
    }

    /// <summary>Cancelled when another host took the folder over: what this one writes is its own no more.</summary>
    public CancellationToken Lost => _lost.Token;

    public void Dispose()
    {
        _timer.Dispose();
        lock (_beating)
        {
            if (!_isGivenBack && IsOwn(Read(_file))) File.Delete(_file);
            _isGivenBack = true;
        }
    }

    /// <summary>Who beats in the file; null when nobody does, or it is a process of this machine that is gone.</summary>
    private static string? Other(string file)
    {
        if (Read(file) is not { } first) return null;
        if (IsGone(first)) return null;
        for (var waited = TimeSpan.Zero; waited < Silence; waited += Look)
        {
            Thread.Sleep(Look);
            if (Read(file) is not { } now) return null;
            if (now != first) return Owner(now);
        }

        return null;
    }

    /// <summary>It says this machine, and a process that it does not have.</summary>
    private static bool IsGone(string text) => text.Split(' ') is [var host, var process, ..] && host == Environment.MachineName
        && OperatingSystem.IsLinux() && !Directory.Exists($"/proc/{process}");

    private static string? Owner(string? text) => text?.Split(' ') is [var host, var process, ..] ? $"process {process} on {host}" : null;

    private bool IsOwn(string? text) => text?.StartsWith(_owner, StringComparison.Ordinal) == true;

    private void Tick()
    {
        lock (_beating)
        {
            if (_isGivenBack || _lost.IsCancellationRequested) return;
            if (Read(_file) is { } there && !IsOwn(there)) _lost.Cancel();
            else Write();
        }
    }

    private void Write()
    {
        try
        {
            File.WriteAllText(_file, string.Create(CultureInfo.InvariantCulture, $"{_owner} {_beats++}\n"), new UTF8Encoding(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk for a moment: the next beat may come through, and whoever looks waits for several.
        }
    }

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file) is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
