using System.Runtime.CompilerServices;
using Titer.Sdk;
[assembly: TiterPlugin("writes_bad_address", SdkApi.Level, Summary = "Writes to memory that is not its own.")]

namespace WritesBadAddress;

public sealed class WritesBadAddressDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        Unsafe.WriteUnaligned(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<byte>(), unchecked((nint)0x7FFF_0000_1234)), 42);
    }
}
