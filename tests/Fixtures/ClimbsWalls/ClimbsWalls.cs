using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Titer.Sdk;
[assembly: TiterPlugin("climbs_walls", SdkApi.Level, TrainsOn = TrainingData.None,
    Summary = "Calls the kernel for what leads out of its sandbox, and tells what was answered.")]

namespace ClimbsWalls;

/// <param name="Weights">The folder of the run's defended weights.</param>
/// <param name="Secret">A file of the operator's.</param>
/// <param name="Service">A socket at which a program of the operator's listens.</param>
/// <param name="Victim">A process of the operator's; 0 for none.</param>
public sealed record ClimbOptions(string Weights = "", string Secret = "", string Service = "", int Victim = 0);

[UnsupportedOSPlatform("windows")]
public sealed partial class ClimbsWalls(ClimbOptions options) : IAttack
{
    private const int NewUser = 0x10000000;
    private const int CreateForMe = 0x380;

    public void Attack(AttackContext context)
    {
        var could = new List<string>();
        var isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (Call(isX64 ? 101 : 117, 0, 0, 0) >= 0) could.Add("trace");
        if (Call(isX64 ? 272 : 97, NewUser, 0, 0) >= 0) could.Add("unshare");
        if (Call(isX64 ? 112 : 157, 0, 0, 0) >= 0) could.Add("make a session");
        if (Call(isX64 ? 29 : 194, 0, 4096, CreateForMe) >= 0) could.Add("share memory");
        if (Socket(40, 1, 0) >= 0) could.Add("reach the machine below");
        if (Socket(2, 1, 0) >= 0) could.Add("open a socket");
        Try("see other weights", () => Directory.Exists(options.Weights) && Directory.GetDirectories(options.Weights).Length > 1);
        foreach (var folder in new[] { "/", "/dev", "/usr" }) Try($"write to {folder}", () => Writes(Path.Combine(folder, ".climbed")));
        if (options.Secret.Length > 0)
        {
            Try("cut a file off", () => Truncate(options.Secret, 0) == 0);
            Try("change a mode",
                () => Change(options.Secret, 0x1FF) == 0 && (File.GetUnixFileMode(options.Secret) & UnixFileMode.OtherExecute) != 0);
            Try("write beside a file", () => Writes(options.Secret + ".climbed"));
        }

        if (options.Victim > 0)
        {
            Try("signal a process", () => Signal(options.Victim, 0) == 0);
            Try("read a process", () => File.ReadAllText($"/proc/{options.Victim}/environ").Length > 0);
            Try("limit a process", () => Limit(options.Victim, 4, 0, 0) == 0);
        }

        if (options.Service.Length > 0) Try("ask a service", () =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(options.Service));
            return true;
        });

        throw new InvalidOperationException($"could: {(could.Count == 0 ? "nothing" : string.Join(", ", could))}");

        void Try(string what, Func<bool> attempt)
        {
            try
            {
                if (attempt()) could.Add(what);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or PlatformNotSupportedException)
            {
                // Denied: nothing to tell.
            }
        }
    }

    private static bool Writes(string file)
    {
        File.WriteAllText(file, "x");
        return true;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "prlimit")]
    private static partial int Limit(int process, int resource, nint set, nint old);

    [LibraryImport("libc", EntryPoint = "truncate", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Truncate(string path, long length);

    [LibraryImport("libc", EntryPoint = "chmod", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Change(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Socket(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Call(long number, long a, long b, long c);
}
