using System.Runtime.InteropServices;
using Titer.Sdk;
[assembly: TiterPlugin("climbs_walls", SdkApi.Level, TrainsOn = TrainingData.None,
    Summary = "Calls the kernel for what leads out of its sandbox, and tells what was answered.")]

namespace ClimbsWalls;

/// <param name="Weights">The folder of the run's defended weights.</param>
public sealed record ClimbOptions(string Weights = "");

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
        if (Directory.Exists(options.Weights) && Directory.GetDirectories(options.Weights).Length > 1) could.Add("see other weights");
        foreach (var folder in new[] { "/", "/dev", "/usr" })
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, ".climbed"), "x");
                could.Add($"write to {folder}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Denied: nothing to tell.
            }
        }

        throw new InvalidOperationException($"could: {(could.Count == 0 ? "nothing" : string.Join(", ", could))}");
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Socket(int family, int kind, int protocol);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Call(long number, long a, long b, long c);
}
