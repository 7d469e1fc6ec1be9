namespace Titer.Sdk.Testing;

/// <summary>A test's expectation of a plugin does not hold. The message has the numbers; every test framework reports it as a failure.</summary>
public sealed class HarnessAssertionException : Exception
{
    public HarnessAssertionException()
    {
    }

    public HarnessAssertionException(string message)
        : base(message)
    {
    }

    public HarnessAssertionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
