using System.Diagnostics;
using Titer.Sdk;
using TorchSharp;
[assembly: TiterPlugin("leaves_traps", SdkApi.Level, Summary = "Leaves things in its scratch folder that are hard to read or to remove.")]

namespace LeavesTraps;

public enum Trap
{
    DeepPath,
    NameOfBytes,
    ClosedFolder,
    NoFolder,
    FileIsFolder,
    SharedMemory,
}

public sealed record TrappingOptions(Trap Trap = Trap.DeepPath);

public sealed class TrappingDefense(TrappingOptions options) : IDefense
{
    private const string Deep =
        "l=$(printf 'x%.0s' $(seq 200)); c=$(for i in $(seq 15); do printf '%s/' $l; done); mkdir -p \"$c\" \"b/$c\" && r=$PWD && cd \"$c\" && "
            + "mv \"$r/b\" .";
    private const string Bytes = "touch \"$(printf 'x\\377\\376')\"";
    private const string Closed = "mkdir -p closed/inner && touch closed/inner/file && chmod 000 closed";

    public void Immunize(DefenseContext context)
    {
        using var noGrad = torch.no_grad();
        context.Model.Arena.Flat.mul_(0.999);
        var scratch = Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        switch (options.Trap)
        {
            case Trap.DeepPath:
                Shell(scratch, Deep);
                break;
            case Trap.NameOfBytes:
                Shell(scratch, Bytes);
                break;
            case Trap.ClosedFolder:
                Shell(scratch, Closed);
                break;
            case Trap.NoFolder:
                foreach (var entry in Directory.EnumerateFileSystemEntries(scratch)) Remove(entry);
                break;
            case Trap.SharedMemory:
                File.WriteAllText("/dev/shm/titer-trap", "here");
                break;
            default:
                Directory.CreateDirectory(Path.Combine(scratch, "model.safetensors"));
                break;
        }
    }

    private static void Remove(string entry)
    {
        if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
        else File.Delete(entry);
    }

    private static void Shell(string folder, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
    }
}
