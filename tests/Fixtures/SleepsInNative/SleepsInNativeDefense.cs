using System.Runtime.InteropServices;
using Titer.Sdk;
[assembly: TiterPlugin("sleeps_in_native", SdkApi.Level, Summary = "Calls a native function that does not come back.")]

namespace SleepsInNative;

public sealed partial class SleepsInNativeDefense : IDefense
{
    public void Immunize(DefenseContext context) => _ = Sleep(100_000);

    [LibraryImport("libc", EntryPoint = "sleep")]
    private static partial uint Sleep(uint seconds);
}
