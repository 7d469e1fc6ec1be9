namespace Titer.Scenarios.Data.Jinja;

/// <summary>A template has something that is not known here, or refuses what it is given. The message says
/// what, as the rest of a sentence about the template.</summary>
/// <param name="isRaised">By the template itself: it refuses the conversation.</param>
internal sealed class JinjaException(string fact, bool isRaised = false) : Exception(fact)
{
    public bool IsRaised => isRaised;
}
