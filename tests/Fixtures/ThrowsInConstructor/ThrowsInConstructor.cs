using Titer.Sdk;
[assembly: TiterPlugin("throws_in_constructor", SdkApi.Level)]

namespace ThrowsInConstructor;

/// <summary>An exception type of the plugin's own: keeping the object would keep the plugin loaded.</summary>
public sealed class BadMoodException(string message) : Exception(message);

public sealed class MoodyDefense : IDefense
{
    public MoodyDefense() => throw new BadMoodException("the constructor is in a bad mood");

    public void Immunize(DefenseContext context)
    {
    }
}
