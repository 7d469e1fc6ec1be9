using Titer.Sdk;
[assembly: TiterPlugin("two_entry_types", SdkApi.Level)]

namespace TwoEntryTypes;

public sealed class FirstDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}

public sealed class SecondDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
