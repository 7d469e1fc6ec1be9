using Titer.Sdk;
[assembly: TiterPlugin("exits_process", SdkApi.Level, Summary = "Ends its process with exit code 0 and no result.")]

namespace ExitsProcess;

public sealed class LeavingDefense : IDefense
{
#pragma warning disable RS0030 // Ending the process is the misbehavior that this fixture exists for.
    public void Immunize(DefenseContext context) => Environment.Exit(0);
#pragma warning restore RS0030
}
