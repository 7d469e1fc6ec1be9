using Titer.Sdk;

namespace NotAPlugin;

/// <summary>A defense whose assembly does not say that it is a plugin.</summary>
public sealed class UnannouncedDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
    }
}
