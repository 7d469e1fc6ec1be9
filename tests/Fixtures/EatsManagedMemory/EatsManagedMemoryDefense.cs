using Titer.Sdk;
[assembly: TiterPlugin("eats_managed_memory", SdkApi.Level, Summary = "Allocates managed memory without end.")]

namespace EatsManagedMemory;

public sealed class EatsManagedMemoryDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        var hoard = new List<byte[]>();
        while (true)
        {
            var block = new byte[16 << 20];
            Array.Fill(block, (byte)1);
            hoard.Add(block);
        }
    }
}
