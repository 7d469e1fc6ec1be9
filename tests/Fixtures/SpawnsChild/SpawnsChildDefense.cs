using System.Diagnostics;
using Titer.Sdk;
[assembly: TiterPlugin("spawns_child", SdkApi.Level, Summary = "Starts processes that outlive it, one of them cut loose from its parent.")]

namespace SpawnsChild;

public sealed class SpawnsChildDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        // The odd number of seconds is how a test finds them.
        using var child = Process.Start("sleep", "31415");
        using var shell = Process.Start("sh", ["-c", "sleep 31415 &"]);
        shell.WaitForExit();
    }
}
