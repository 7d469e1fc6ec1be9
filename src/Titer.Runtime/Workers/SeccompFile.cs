using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Titer.Runtime.Workers;

/// <summary>
/// A filter as a file without a name, for a shell to open and hand to bubblewrap: nothing is left behind when the host dies, and each worker reads
/// it from its beginning.
/// </summary>
internal static partial class SeccompFile
{
    private const uint CloseOnExec = 1;

    private static readonly Lazy<SafeFileHandle> Plain = new(() => Make(withGpu: false));
    private static readonly Lazy<SafeFileHandle> Gpu = new(() => Make(withGpu: true));

    /// <summary>Where another process of this user can open it.</summary>
    /// <exception cref="IOException">This system has no such files.</exception>
    public static string PathOf(bool withGpu) => $"/proc/{Environment.ProcessId}/fd/{(withGpu ? Gpu : Plain).Value.DangerousGetHandle()}";

    private static SafeFileHandle Make(bool withGpu)
    {
        var descriptor = Create("titer-seccomp", CloseOnExec);
        if (descriptor < 0) throw new IOException("No file for the system-call filter: "
            + $"{Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.Write(handle, SeccompFilter.Program(withGpu), 0);
        return handle;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);
}
