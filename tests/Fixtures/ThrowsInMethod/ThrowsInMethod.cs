using Titer.Sdk;
[assembly: TiterPlugin("throws_in_method", SdkApi.Level)]

namespace ThrowsInMethod;

public sealed class GivingUpException(string message) : Exception(message);

public sealed class QuitterDefense : IDefense
{
    public void Immunize(DefenseContext context) => throw new GivingUpException("the method gave up");
}
